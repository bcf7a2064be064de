import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { encodeManifest } from "@gridledger/protocol/objects/manifest";
import { encodeSpoolReceipt } from "@gridledger/protocol/objects/spool-receipt";
import { fileFault } from "../../errors.ts";
import { makeDirectory, syncFolder } from "../../files.ts";
import type { SigningKey } from "../../signing/signing-key.ts";
import { dropBegun, readBegun } from "../begun-put.ts";
import { type CutObject, cutObject, type Declared } from "../cut-object.ts";
import { type ObjectSource, openSource } from "../object-source.ts";
import {
  readSpooled,
  type SpooledObject,
  type SpoolReceiptFile,
  spoolFiles,
} from "./spooled-object.ts";

const UNFINISHED = ".new-";
/** Of a put that was killed before it was acknowledged. */
const KEEP_UNFINISHED_MS = 86_400_000;

interface SpoolDeps {
  readonly chain: Chain;
  readonly key: SigningKey;
}

/**
 * Cuts, salts and keeps an object where no hub can be asked. Everything is on the disk when it returns;
 * killed before, nothing is there that would be sent.
 *
 * @throws Fault FILE_UNREADABLE, OBJECT_SHAPE, OBJECT_EXISTS, CHAIN_MISMATCH
 */
export async function spoolObject(
  { chain, key }: SpoolDeps,
  spool: string,
  path: string,
  source: ObjectSource,
  declared: Declared,
): Promise<SpooledObject> {
  makeSpool(resolve(spool));
  sweep(spool);
  const made = onDisk(spool, () => mkdtempSync(join(spool, UNFINISHED)));
  try {
    await copy(source, join(made, spoolFiles.bytes));
    // What is signed is what lies on the disk now, whatever happens to the file.
    const kept = openSource(join(made, spoolFiles.bytes), "bytes");
    const cut = await cutObject(chain, kept, declared, readBegun(path));
    writeDurably(join(made, spoolFiles.secret), cut.secret);
    const content = receiptOf(chain, key, cut);
    writeDurably(join(made, spoolFiles.spoolReceipt), `${JSON.stringify(content, null, 2)}\n`);
    syncFolder(made);
    place(chain, made, join(spool, content.root), key, cut);
    syncFolder(spool);
    dropBegun(path);
    return readSpooled(join(spool, content.root), chain);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Its name is on the disk too, with those of all folders above that were made for it. */
function makeSpool(spool: string): void {
  const changed = [dirname(spool)];
  for (let at = dirname(spool); !existsSync(at); at = dirname(at)) changed.push(dirname(at));
  makeDirectory(spool);
  for (const folder of changed) syncFolder(folder);
}

function receiptOf(chain: Chain, key: SigningKey, { manifest }: CutObject): SpoolReceiptFile {
  const { suite, signer, id } = key;
  const said = { manifest, spooledMs: Date.now() };
  const receipt = encodeSpoolReceipt(suite, signer, chain.chainId, said, id);
  return {
    format: "gridledger-spool-receipt/1",
    root: formatHex(manifest.root),
    chainId: formatHex(chain.chainId),
    suite: suite.name,
    publicKey: Buffer.from(signer.publicKey).toString("base64url"),
    receipt: Buffer.from(receipt).toString("base64url"),
  };
}

/** In one step where it is new; where it is there already, each of its files is made whole again. */
function place(
  chain: Chain,
  made: string,
  folder: string,
  key: SigningKey,
  { manifest }: CutObject,
): void {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) {
    onDisk(folder, () => renameSync(made, folder));
    return;
  }
  const before = readWhole(chain, folder);
  if (before !== undefined) {
    const same = equalBytes(encodeManifest(before.manifest), encodeManifest(manifest));
    if (!same || !equalBytes(before.owner, key.id)) {
      throw new Fault(
        "OBJECT_EXISTS",
        `${folder}: spooled with another manifest or by another key`,
      );
    }
    if (before.isDone) return;
  }
  for (const name of [spoolFiles.bytes, spoolFiles.secret, spoolFiles.spoolReceipt]) {
    onDisk(folder, () => renameSync(join(made, name), join(folder, name)));
  }
  syncFolder(folder);
}

/** Undefined where it is damaged. @throws Fault CHAIN_MISMATCH */
function readWhole(chain: Chain, folder: string): SpooledObject | undefined {
  try {
    return readSpooled(folder, chain);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === "OBJECT_SPOOL_DAMAGED") return undefined;
    throw thrown;
  }
}

async function copy(source: ObjectSource, path: string): Promise<void> {
  const file = onDisk(path, () => openSync(path, "wx", 0o600));
  try {
    for await (const piece of source.pieces()) onDisk(path, () => writeFileSync(file, piece));
    onDisk(path, () => fsyncSync(file));
  } finally {
    closeSync(file);
  }
}

function writeDurably(path: string, content: string | Uint8Array): void {
  onDisk(path, () => writeFileSync(path, content, { mode: 0o600, flag: "wx", flush: true }));
}

function sweep(spool: string): void {
  for (const name of onDisk(spool, () => readdirSync(spool))) {
    const path = join(spool, name);
    const stats = name.startsWith(UNFINISHED) && statSync(path, { throwIfNoEntry: false });
    if (!stats || stats.mtimeMs > Date.now() - KEEP_UNFINISHED_MS) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function onDisk<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw fileFault(path, thrown);
  }
}
