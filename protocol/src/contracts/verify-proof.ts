import { receiptProof, stateProof } from "../api/contracts-contract.ts";
import { CborReader } from "../cbor/reader.ts";
import { asFault, Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import type { Chain } from "../ledger/genesis.ts";
import { readHandover, ValidatorHistory } from "../ledger/handover.ts";
import type { Header } from "../ledger/header.ts";
import { readSeal } from "../ledger/seal.ts";
import { leafHash, verifyPath } from "../merkle/tree.ts";
import { decodeReceipt, type Receipt } from "./receipt.ts";
import { type AccountProof, checkAccountProof } from "./state-proof.ts";

/** What a proof about contracts has shown: an account, a slot of it, or a receipt. */
export type ProvenContract =
  | { readonly header: Header; readonly account: AccountProof }
  | { readonly header: Header; readonly receipt: Receipt };

/** True where the parsed file is of this kind at all. */
export function isContractProof(file: unknown): boolean {
  const format = (file as { format?: unknown } | null)?.format;
  return format === "gridledger-state-proof/1" || format === "gridledger-receipt-proof/1";
}

/**
 * Verifies a proof of an account, a slot or a receipt against the genesis alone.
 *
 * @param file the parsed JSON, of any content
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID, CHAIN_MISMATCH
 */
export function verifyContractProof(chain: Chain, file: unknown): ProvenContract {
  const state = stateProof.strict().safeParse(file);
  if (state.success) return verifyState(chain, state.data);
  const receipt = receiptProof.strict().safeParse(file);
  if (receipt.success) return verifyReceipt(chain, receipt.data);
  throw new Fault("PROOF_SHAPE", "neither a state proof nor a receipt proof");
}

interface SealedPart {
  readonly chainId: string;
  readonly header: string;
  readonly seal: string;
  readonly handovers: readonly string[];
}

function verifyState(chain: Chain, file: ReturnType<typeof stateProof.parse>): ProvenContract {
  const header = verifyHeader(chain, file);
  const address = Buffer.from(file.address.slice(2), "hex");
  const slot = file.slot === undefined ? {} : { slot: Buffer.from(file.slot.slice(2), "hex") };
  const encoded = bytesOf("proof", file.proof);
  const account = shaped(() =>
    checkAccountProof(chain.suite.hash, header.stateRoot, { address, ...slot }, encoded),
  );
  if (account !== undefined) return { header, account };
  throw new Fault("PROOF_INVALID", `not in the state of block ${header.height}`);
}

function verifyReceipt(chain: Chain, file: ReturnType<typeof receiptProof.parse>): ProvenContract {
  const header = verifyHeader(chain, file);
  const { hash } = chain.suite;
  const encoded = bytesOf("receipt", file.receipt);
  const path = file.path.map((sibling) => Buffer.from(sibling, "hex"));
  if (!verifyPath(hash, header.receiptRoot, file, leafHash(hash, encoded), path)) {
    throw new Fault("PROOF_INVALID", `the receipt is not of block ${header.height}`);
  }
  return { header, receipt: shaped(() => decodeReceipt(encoded)) };
}

function verifyHeader(chain: Chain, file: SealedPart): Header {
  if (file.chainId !== formatHex(chain.chainId)) {
    throw new Fault("CHAIN_MISMATCH", `the proof belongs to chain ${file.chainId}`);
  }
  return shaped(() => {
    const history = new ValidatorHistory(chain);
    history.learn(file.handovers.map((text) => whole("handover", text, readHandover)));
    return history.verify(bytesOf("header", file.header), whole("seal", file.seal, readSeal));
  });
}

function whole<Value>(name: string, text: string, read: (reader: CborReader) => Value): Value {
  const reader = new CborReader(bytesOf(name, text));
  const value = read(reader);
  reader.end();
  return value;
}

/** Strict: one value has one text, so that a changed character is always noticed. */
function bytesOf(name: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") === text) return bytes;
  throw new Fault("PROOF_SHAPE", `${name} is not base64url`);
}

/** Bytes that do not decode are a proof that is not well formed. */
function shaped<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (thrown) {
    const fault = asFault(thrown);
    if (!fault.code.startsWith("CBOR_")) throw fault;
    throw new Fault("PROOF_SHAPE", fault.message, { cause: fault });
  }
}
