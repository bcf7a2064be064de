import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Sign1 } from "@gridledger/protocol/cose/sign1";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import {
  decodeSpoolReceipt,
  readSpoolReceipt,
  type SpoolReceipt,
  verifySpoolReceipt,
} from "@gridledger/protocol/objects/spool-receipt";
import { z } from "zod";
import { fileFault } from "../../errors.ts";
import { readJson, syncFolder } from "../../files.ts";

/** The folder of an object has the name of its root. */
const ROOT = /^[0-9a-f]{64}$/;

/** What stands in the folder of an object. Bytes and secret go when it is final, receipts stay. */
export const spoolFiles = {
  bytes: "bytes",
  /** From which the salts follow. */
  secret: "secret",
  /** The gateway's own word. */
  spoolReceipt: "spool-receipt.json",
  /** The hub's, and later with the proof that it is final: as of `object put --receipt`. */
  receipt: "receipt.json",
} as const;

const shape = z.strictObject({
  format: z.literal("gridledger-spool-receipt/1"),
  root: z.string().regex(ROOT),
  chainId: z.string(),
  suite: z.string(),
  publicKey: z.string(),
  receipt: z.string(),
});

const receiptShape = z.looseObject({ state: z.string(), proof: z.unknown() });

/** The content of `spool-receipt.json`. */
export type SpoolReceiptFile = z.infer<typeof shape>;

export interface SpooledObject extends SpoolReceipt {
  readonly folder: string;
  readonly chainId: string;
  /** Identity id of who spooled it, and the key with which. */
  readonly owner: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly state: "waiting" | "sent" | "final";
  /** The receipt of the hub, read anew; undefined where there is none. */
  readonly proof: unknown;
  /** Nothing is left to do. */
  readonly isDone: boolean;
}

/** Of all objects in a spool. @throws Fault FILE_UNREADABLE */
export function spooledFolders(spool: string): string[] {
  try {
    const names = readdirSync(spool).filter((name) => ROOT.test(name));
    return names.sort().map((name) => join(spool, name));
  } catch (thrown) {
    throw fileFault(spool, thrown);
  }
}

/**
 * Says what the folder says; with a chain it must be signed, and for this one.
 *
 * @throws Fault OBJECT_SPOOL_DAMAGED, CHAIN_MISMATCH
 */
export function readSpooled(folder: string, chain?: Chain): SpooledObject {
  try {
    const file = shape.parse(readJson(join(folder, spoolFiles.spoolReceipt)));
    const message = decodeSpoolReceipt(Buffer.from(file.receipt, "base64url"));
    const publicKey = Buffer.from(file.publicKey, "base64url");
    const said = chain ? checked(chain, file, message) : readSpoolReceipt(message);
    const root = formatHex(said.manifest.root);
    if (root !== file.root || root !== basename(folder)) {
      throw new Fault("PROOF_INVALID", "the receipt is for another object");
    }
    const { chainId } = file;
    const owner = message.keyId;
    return { ...said, folder, chainId, owner, publicKey, ...progressOf(folder) };
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === "CHAIN_MISMATCH") throw thrown;
    throw damaged(folder, thrown instanceof z.ZodError ? "its receipt" : asFault(thrown).message);
  }
}

/** Bytes and salts go, receipts stay. */
export function dropPayload(folder: string): void {
  try {
    rmSync(join(folder, spoolFiles.bytes), { force: true });
    rmSync(join(folder, spoolFiles.secret), { force: true });
  } catch (thrown) {
    throw fileFault(folder, thrown);
  }
  syncFolder(folder);
}

export function damaged(folder: string, why: string): Fault {
  return new Fault("OBJECT_SPOOL_DAMAGED", `${folder}: ${why}`);
}

function checked(chain: Chain, file: SpoolReceiptFile, message: Sign1): SpoolReceipt {
  if (file.chainId !== formatHex(chain.chainId)) {
    throw new Fault("CHAIN_MISMATCH", `${file.root} was spooled for chain ${file.chainId}`);
  }
  const publicKey = Buffer.from(file.publicKey, "base64url");
  return verifySpoolReceipt(suiteByName(file.suite), publicKey, chain.chainId, message);
}

/** A receipt that cannot be read is fetched again. */
function progressOf(folder: string): Pick<SpooledObject, "state" | "proof" | "isDone"> {
  const file = join(folder, spoolFiles.receipt);
  const has = (name: string) => existsSync(join(folder, name));
  const parsed = receiptShape.safeParse(has(spoolFiles.receipt) ? tryRead(file) : undefined);
  if (!parsed.success) return { state: "waiting", proof: null, isDone: false };
  const { state: said, proof } = parsed.data;
  const state = said === "final" ? "final" : "sent";
  const isDone = state === "final" && !has(spoolFiles.bytes) && !has(spoolFiles.secret);
  return { state, proof, isDone };
}

function tryRead(file: string): unknown {
  try {
    return readJson(file);
  } catch {
    return undefined;
  }
}
