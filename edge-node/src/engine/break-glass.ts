import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import {
  type BreakGlass,
  checkOrderHead,
  decodeBreakGlass,
  encodeBreakGlass,
  verifyBreakGlass,
} from "@gridledger/protocol/governance/break-glass";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import type { Head } from "../chain/head.ts";
import type { WalRecord } from "../consensus/ports.ts";
import { PreparedTransaction } from "../state/prepared-transaction.ts";
import type { RestoredLog } from "./restore.ts";

const FILE = "break-glass.cbor";
/** Heights that the order's transaction may wait; it fits one height only. */
const LIFETIME_BLOCKS = 16;

/** The order in the node's home, verified; undefined where none is. @throws Fault BREAK_GLASS_*, CHAIN_MISMATCH */
export async function loadBreakGlass(chain: Chain, home: string): Promise<BreakGlass | undefined> {
  const encoded = await readFile(join(home, FILE)).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw new Fault("CONFIG_INVALID", `cannot read ${FILE}`, { cause: thrown });
  });
  if (encoded === undefined) return undefined;
  const document = decodeBreakGlass(encoded);
  verifyBreakGlass(chain, document);
  return document;
}

interface AdoptDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly document: BreakGlass | undefined;
  readonly ledger: { readonly head: Head; expect(document: BreakGlass): void };
  readonly pool: { add(transaction: PreparedTransaction): Fault | undefined };
  readonly wal: {
    append(records: readonly WalRecord[], bodiesOf: () => readonly Uint8Array[]): Promise<void>;
  };
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

interface Restored extends RestoredLog {
  readonly wal: "intact" | "damaged" | "missing";
}

/**
 * Puts the order in the node's home into force: the ledger hands over to the set that it names, and what
 * this key said for the old set above the order's block is forgotten, once. Signatures name their set,
 * so nothing said for the new one can contradict it. Gives the log as the engine is to see it.
 */
export async function adoptBreakGlass(deps: AdoptDeps, restored: Restored): Promise<Restored> {
  const { document, ledger, log } = deps;
  if (document === undefined) return restored;
  const late = checkOrderHead(document, ledger.head);
  if (late !== undefined && late.code === "BREAK_GLASS_LATE") {
    const why = { code: late.code, detail: late.message };
    log.warn(
      why,
      "node: the chain is above the break-glass order's block; it changes nothing here",
    );
    return restored;
  }
  const { height, reason } = document.order;
  const isMarked = restored.records.some(
    (record) => record.kind === "renewed" && record.height === height,
  );
  if (!isMarked) {
    const marks: WalRecord[] = [
      { kind: "renewed", height },
      { kind: "amnesia", state: "over" },
    ];
    await deps.wal.append(marks, () => []);
    restored = { ...restored, wal: "intact", records: [...restored.records, ...marks] };
  }
  ledger.expect(document);
  if (late === undefined) announce(deps, document);
  log.info({ height, reason }, "node: the break-glass order counts after its block");
  return { ...restored, records: renewed(restored.records) };
}

/** What was said for a set that an order has replaced is not said any more. */
function renewed(records: readonly WalRecord[]): readonly WalRecord[] {
  const at = records.findLastIndex(({ kind: name }) => name === "renewed");
  const mark = records[at];
  if (mark?.kind !== "renewed") return records;
  const isAbove = (record: WalRecord) =>
    record.kind !== "amnesia" && record.kind !== "renewed" && record.height > mark.height;
  return records.filter((record, i) => record.kind !== "renewed" && (i > at || !isAbove(record)));
}

/** Into the own pool: whoever proposes brings it, and the others ask the proposer for it. */
function announce({ chain, signer, pool, ledger, log }: AdoptDeps, document: BreakGlass): void {
  const { encodedOrder, signatures } = document;
  const encoded = signTransaction(chain.suite, signer, chain.chainId, {
    kind: kind.breakGlass,
    validUntilHeight: ledger.head.height + LIFETIME_BLOCKS,
    nonce: new Uint8Array(0),
    payload: encodeBreakGlass(encodedOrder, signatures),
  });
  const refused = pool.add(new PreparedTransaction(chain, encoded));
  if (refused !== undefined) {
    log.error({ code: asFault(refused).code }, "node: the break-glass order is not taken");
  }
}
