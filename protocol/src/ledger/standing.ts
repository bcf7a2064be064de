import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { type CrlReason, crlReasonByNumber, crlReasonNumber } from "../pki/crl-reasons.ts";
import type { Role } from "./roles.ts";
import { identities, type StateTable } from "./state.ts";

const HASH_BYTES = 32;

/** How an identity stands by its certificate (guide §6.1.3). Without an entry it has none recorded. */
export interface Standing {
  readonly isRevoked: boolean;
  /** Of its newest signing certificate. */
  readonly fingerprint: Uint8Array;
  /** Identity id of the authority that recorded it. */
  readonly recorderId: Uint8Array;
  /** Why it is revoked. */
  readonly reason: CrlReason;
  /** Of the block with the last record. */
  readonly height: number;
  /** `revocationKey` of the certificate of who issued its own: with that authority it falls. */
  readonly authorityKey?: Uint8Array | undefined;
}

/** These stand without their authority: with seats a quorum could fall, with operators who can repair it. */
const STANDS_ALONE: readonly Role[] = ["validator", "hub", "operator"];

function readReason(reader: CborReader): CrlReason {
  const reason = crlReasonByNumber(reader.uint("reason"));
  if (reason === undefined) throw new Fault("CBOR_SHAPE", "unknown reason of a revocation");
  return reason;
}

const bytesOf = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

/** `c/<identity id, 10 bytes>` → `[isRevoked, fingerprint, recorderId, reason, height]`, then `authorityKey` if any. */
export const standings: StateTable<Uint8Array, Standing> = {
  keyOf: (id) => `c/${bytesOf(id)}`,
  encode({ isRevoked, fingerprint, recorderId, reason, height, authorityKey }) {
    const writer = new CborWriter(104)
      .array(authorityKey === undefined ? 5 : 6)
      .bool(isRevoked)
      .bytes(fingerprint)
      .bytes(recorderId)
      .uint(crlReasonNumber(reason))
      .uint(height);
    if (authorityKey !== undefined) writer.bytes(authorityKey);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const items = reader.array("standing", 6);
    const standing = {
      isRevoked: reader.bool("isRevoked"),
      fingerprint: reader.fixedBytes("fingerprint", HASH_BYTES),
      recorderId: reader.fixedBytes("recorderId", IDENTITY_ID_BYTES),
      reason: readReason(reader),
      height: reader.uint("height"),
    };
    const authorityKey = items === 6 ? reader.fixedBytes("authorityKey", HASH_BYTES) : undefined;
    reader.end();
    return authorityKey === undefined ? standing : { ...standing, authorityKey };
  },
};

/** `x/<revocation key, 32 bytes>` → the height since when this one certificate is void. */
export const revokedCertificates: StateTable<Uint8Array, number> = {
  keyOf: (key) => `x/${bytesOf(key)}`,
  encode: (height) => new CborWriter(8).uint(height).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    const height = reader.uint("height");
    reader.end();
    return height;
  },
};

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

/** Why nothing of this identity is taken any more, or undefined. The same code on every door. */
export function checkStanding(state: Reader, identityId: Uint8Array): Fault | undefined {
  const standing = state.get(standings, identityId);
  if (standing === undefined) return undefined;
  if (standing.isRevoked) return identityRevoked(formatHex(identityId), standing);
  const role = state.get(identities, identityId)?.role;
  const { authorityKey } = standing;
  if (role === undefined || authorityKey === undefined || standsAlone(role)) return undefined;
  const height = state.get(revokedCertificates, authorityKey);
  if (height === undefined) return undefined;
  return identityRevoked(formatHex(identityId), { reason: "authorityCompromise", height });
}

/** Whether an identity of this role stays when its authority falls. */
export function standsAlone(role: Role): boolean {
  return STANDS_ALONE.includes(role);
}

/** @param id identity id in hex */
export function identityRevoked(
  id: string,
  { reason, height }: Pick<Standing, "reason" | "height">,
): Fault {
  return new Fault("IDENTITY_REVOKED", `${id} is revoked since block ${height} (${reason})`);
}
