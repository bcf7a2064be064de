import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { replaceFile } from "../files.ts";
import type { Hub } from "../hub/connect.ts";
import type { Put } from "./put-object.ts";

type Proof = RouteAnswer<"transactionProof">;

/**
 * The hub's word at once, the chain's as soon as there is one, guide §4.4.1 b).
 *
 * @param keyProof of the hub's key, null where the genesis has it @returns null: not final yet
 */
export async function keepReceipt(
  hub: Hub,
  file: string,
  put: Put,
  keyProof: Proof | null,
): Promise<Proof | null> {
  const isFinal = put.state === "final";
  const params = { hash: put.transaction };
  const proof = isFinal ? await hub.call("transactionProof", { params }) : null;
  const content = { format: "gridledger-object-receipt/1", ...put, proof, keyProof };
  replaceFile(file, `${JSON.stringify(content, null, 2)}\n`, 0o644);
  return proof;
}
