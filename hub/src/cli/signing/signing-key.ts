import { existsSync, readFileSync } from "node:fs";
import { readPrivate } from "@gridledger/edge-node/key-files";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { suiteById, suiteByName } from "@gridledger/protocol/crypto/suites";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { isKeyPage, keyPageOf } from "@gridledger/protocol/keys/held-key";
import { pageFileOf, parseKeyTurns, turnsFileOf } from "@gridledger/protocol/keys/key-turns";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Hub } from "../hub/connect.ts";
import { readKeyFile } from "../key-file.ts";

const SIGN = /-sign$/;
const LATER_PAGE = /\.\d+\.page$/;

/** The key with which somebody signs now, and who that is. */
export interface SigningKey {
  readonly suite: Suite;
  readonly signer: Signer;
  /** Identity id: the hash of the first key, whichever signs now. */
  readonly id: Uint8Array;
  /** The identity's first public key; its contract address comes from it. */
  readonly first: Uint8Array;
}

type Asked = Pick<Hub, "call">;
type KnownKey = RouteAnswer<"identityKeys">["items"][number];

/**
 * The key that the chain takes now from whoever holds the file. Of a key page that has been rotated the
 * pages lie beside it, and the chain says which of them counts; any of them may be named. Without a hub
 * nobody says it, and the newest page signs.
 *
 * @throws Fault FILE_UNREADABLE, KEY_EPOCH where the page of now is not there, KEY_INVALID, KEY_LOCKED,
 *   KEY_PAGE_INVALID, KEY_PAGE_UNKNOWN, PASSPHRASE_WRONG
 */
export async function readSigningKey(
  hub: Asked | undefined,
  chain: Chain,
  path: string,
): Promise<SigningKey> {
  const [key] = await signingKeys(hub, chain, path);
  return await key!();
}

/** The same where the hub may not say it to strangers: keys to be tried, the newest first, unopened. */
export async function signingKeys(
  hub: Asked | undefined,
  chain: Chain,
  path: string,
): Promise<readonly (() => Promise<SigningKey>)[]> {
  const bytes = readPrivate(path);
  if (!isKeyPage(bytes)) return [() => readClear(hub, chain, path)];
  const file = firstPageOf(path, keyPageOf(bytes, path).epoch);
  const { publicKey: first, scheme } = keyPageOf(readPrivate(file), file);
  const id = identityId(chain.suite.hash, first);
  const open = async (suite: Suite, epoch: number): Promise<SigningKey> => {
    const page = pageFileOf(file, epoch);
    if (!existsSync(page))
      throw new Fault("KEY_EPOCH", `key ${epoch} signs now: ${page} is missing`);
    return { suite, signer: await readKeyFile(suite, page), id, first };
  };
  const known = await keyOfNow(hub, id);
  if (known === "unknown") return [() => open(suiteByName(scheme.replace(SIGN, "")), 1)];
  if (known === "untold")
    return epochsOf(file).map((epoch) => () => open(suiteOf(file, epoch), epoch));
  return [async () => sameKey(await open(suiteById(known.suite), known.epoch), known)];
}

/** A key in the clear says of no rotation: it is the identity's only one, or it is not taken. */
async function readClear(hub: Asked | undefined, chain: Chain, path: string): Promise<SigningKey> {
  const { suite } = chain;
  const signer = await readKeyFile(suite, path);
  const { publicKey: first } = signer;
  const id = identityId(suite.hash, first);
  const known = await keyOfNow(hub, id);
  const key = { suite, signer, id, first };
  return typeof known === "string" ? key : sameKey(key, known);
}

function sameKey(key: SigningKey, { epoch, publicKey }: KnownKey): SigningKey {
  if (equalBytes(key.signer.publicKey, Buffer.from(publicKey, "base64url"))) return key;
  throw new Fault("KEY_EPOCH", `key ${epoch} of ${formatHex(key.id)} signs now: name its page`);
}

/** @throws Fault KEY_PAGE_UNKNOWN where only a later page is there: nobody could say whose it is */
function firstPageOf(path: string, epoch: number): string {
  if (epoch === 1) return path;
  const first = path.replace(LATER_PAGE, ".page");
  if (first !== path && existsSync(first)) return first;
  throw new Fault("KEY_PAGE_UNKNOWN", `${first}: the first page must lie beside ${path}`);
}

/** "unknown": not enrolled. "untold": not for strangers, or there is nobody to ask. */
async function keyOfNow(
  hub: Asked | undefined,
  id: Uint8Array,
): Promise<KnownKey | "unknown" | "untold"> {
  if (hub === undefined) return "untold";
  try {
    const { epoch, items } = await hub.call("identityKeys", {
      params: { identity: formatHex(id) },
    });
    return items.find((key) => key.epoch === epoch) ?? "unknown";
  } catch (thrown) {
    const { code } = asFault(thrown);
    if (code === "NOT_FOUND") return "unknown";
    if (code === "NOT_SIGNED_IN" || code === "FORBIDDEN") return "untold";
    throw thrown;
  }
}

/** Of the pages beside the first, the newest first. */
function epochsOf(first: string): number[] {
  const file = turnsFileOf(first);
  const turns = existsSync(file) ? parseKeyTurns(readFileSync(file, "utf8")) : [];
  const later = turns
    .map(({ epoch }) => epoch)
    .filter((epoch) => existsSync(pageFileOf(first, epoch)));
  return [...later.sort((a, b) => b - a), 1];
}

function suiteOf(first: string, epoch: number): Suite {
  const page = pageFileOf(first, epoch);
  return suiteByName(keyPageOf(readPrivate(page), page).scheme.replace(SIGN, ""));
}
