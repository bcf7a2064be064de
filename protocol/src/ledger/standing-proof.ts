import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import {
  readOptional,
  readStatePath,
  writeOptional,
  writeStatePath,
} from "../merkle/path-codec.ts";
import { verifyStatePath } from "../merkle/state-path.ts";
import type { StateTree } from "../merkle/state-tree.ts";
import type { LedgerIdentity } from "./identity-keys.ts";
import { revokedCertificates, type Standing, standings, standsAlone } from "./standing.ts";
import { identities, stateKey } from "./state.ts";

const MAX_ENTRY_BYTES = 512;

/** What the state after a block says of an identity's certificate. */
export interface ProvenStanding {
  readonly identity: LedgerIdentity;
  /** Undefined: no certificate of it was ever recorded. */
  readonly standing: Standing | undefined;
  /** The block since when the authority that certified it is void, where it falls with that. */
  readonly fallenHeight: number | undefined;
}

/** The keys of the entries that decide how an identity stands; the third only where it has an authority. */
function keysOf(id: Uint8Array, standing: Uint8Array | undefined): Uint8Array[] {
  const keys = [stateKey(identities.keyOf(id)), stateKey(standings.keyOf(id))];
  const authorityKey = standing && standings.decode(standing).authorityKey;
  if (authorityKey !== undefined) keys.push(stateKey(revokedCertificates.keyOf(authorityKey)));
  return keys;
}

/**
 * How an identity stands by a state, with what proves it (guide §4.4.3): `[[value or null, path] …]` of
 * the identity, its standing, and whether its authority is void.
 */
export function proveStanding(tree: StateTree, id: Uint8Array): Uint8Array {
  const keys = keysOf(id, tree.get(stateKey(standings.keyOf(id))));
  const writer = new CborWriter(4_096).array(keys.length);
  for (const key of keys) {
    writeOptional(writer.array(2), tree.get(key));
    writeStatePath(writer, tree.path(key));
  }
  return writer.finish();
}

/** What the proof says, when it proves it under the root; undefined when it does not. @throws Fault CBOR_* */
export function checkStandingProof(
  hash: Hash,
  root: Uint8Array,
  id: Uint8Array,
  encoded: Uint8Array,
): ProvenStanding | undefined {
  const reader = new CborReader(encoded);
  const entries = [];
  for (let left = reader.array("entries", 3); left > 0; left--) {
    reader.tuple("entry", 2);
    const value = readOptional(reader, "value", MAX_ENTRY_BYTES);
    entries.push({ value, path: readStatePath(reader) });
  }
  reader.end();
  const [own, recorded, authority] = entries;
  const keys = keysOf(id, recorded?.value);
  if (entries.length !== keys.length || own?.value === undefined) return undefined;
  for (const [at, { value, path }] of entries.entries()) {
    if (!verifyStatePath(hash, root, { key: keys[at]!, value }, path)) return undefined;
  }
  const identity = identities.decode(own.value);
  const standing = recorded?.value && standings.decode(recorded.value);
  const fallen = authority?.value && revokedCertificates.decode(authority.value);
  return {
    ...{ identity, standing },
    fallenHeight: standsAlone(identity.role) ? undefined : fallen,
  };
}
