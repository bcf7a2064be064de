import type { ObjectAddress, ObjectView } from "@gridledger/protocol/api/objects-contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { chunkCount, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { FinalObject, ObjectQueries } from "../index/query/object-queries.ts";
import type { ObjectDesk } from "../objects/object-desk.ts";
import type { Payload } from "../objects/payload-store.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Caller } from "./caller.ts";
import type { FindName } from "./transaction-view.ts";

export interface ObjectDeps {
  readonly chain: Chain;
  readonly index: {
    readonly objects: Pick<ObjectQueries, "byRoot" | "byPlace" | "byTransaction" | "newest">;
  };
  readonly objectDesk: Pick<ObjectDesk, "find" | "missing">;
  readonly outbox: Pick<Outbox, "find">;
  readonly findIdentity: FindName;
}

/** An object wherever it stands: on the chain, on its way, or half uploaded. */
export interface FoundObject {
  readonly manifest: ObjectManifest;
  /** Identity id in hex. */
  readonly owner: string;
  readonly txHash: Uint8Array;
  readonly final: FinalObject | undefined;
  readonly payload: Payload | undefined;
}

/** By root, by the hash of its transaction, or by `height.index`. @throws Fault OBJECT_UNKNOWN */
async function findObject(deps: ObjectDeps, name: string): Promise<FoundObject> {
  const final = await findFinal(deps, name);
  const root = final?.manifest.root ?? (name.length === 64 ? Buffer.from(name, "hex") : undefined);
  const here = root && (await deps.objectDesk.find(root));
  if (final !== undefined) return { ...final, final, payload: here?.payload };
  if (here === undefined) throw new Fault("OBJECT_UNKNOWN", `no object is called ${name}`);
  const { sender, hash } = decodeTransaction(deps.chain.suite, here.payload.transaction);
  const { manifest, payload } = here;
  return { manifest, owner: formatHex(sender), txHash: hash, final: undefined, payload };
}

async function findFinal(
  { index: { objects } }: ObjectDeps,
  name: string,
): Promise<FinalObject | undefined> {
  if (name.length !== 64) {
    const [height = 0, index = 0] = name.split(".").map(Number);
    return objects.byPlace(height, index);
  }
  const hash = Buffer.from(name, "hex");
  return (await objects.byRoot(hash)) ?? objects.byTransaction(hash);
}

/** @throws Fault NOT_SIGNED_IN, FORBIDDEN where the policy does not let the caller read this object */
export function checkReader(caller: Caller, { manifest, owner }: FoundObject): void {
  caller.check("object.read", { classification: manifest.classification, owner });
}

/** The object for a caller who may read it. @throws Fault OBJECT_UNKNOWN, NOT_SIGNED_IN, FORBIDDEN */
export async function readableObject(
  deps: ObjectDeps,
  caller: Caller,
  name: string,
): Promise<FoundObject> {
  const found = await findObject(deps, name);
  checkReader(caller, found);
  return found;
}

export async function objectView(
  deps: ObjectDeps,
  found: FoundObject,
): Promise<ObjectView & { missing: [number, number][] }> {
  const { manifest, owner, final, payload, txHash } = found;
  const missing = await deps.objectDesk.missing(manifest);
  const refusal = final ? null : ((await deps.outbox.find(txHash))?.refusal ?? null);
  const chunks = chunkCount(manifest);
  const stateHere = payload?.receipt === undefined ? "uploading" : "spooled";
  return {
    ...manifest,
    ...{ root: formatHex(manifest.root), chunks, owner },
    ownerName: deps.findIdentity(owner)?.name ?? null,
    state: final ? "final" : refusal ? "refused" : stateHere,
    transaction: formatHex(txHash),
    address: final ? addressOf(deps.chain, final) : null,
    chunksHere: chunks - missing.length,
    receipt: payload?.receipt ? Buffer.from(payload.receipt).toString("base64url") : null,
    refusal,
    missing: runsOf(missing),
  };
}

export function addressOf(
  { genesis }: Chain,
  { height, index, manifest }: FinalObject,
): ObjectAddress {
  const root = formatHex(manifest.root);
  return { channel: genesis.channel, height, txIndex: index, chunks: chunkCount(manifest), root };
}

/** Ascending numbers as runs, each from its first to its last one. */
export function runsOf(numbers: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}
