import { CborWriter } from "../cbor/writer.ts";
import { hkdf, hmacSha256 } from "../crypto/macs.ts";

const INFO = "gridledger mapping salts/1";
const SALT_BYTES = 32;

/**
 * Salts of one mapping, derived and never stored: the application's tables get no column for them, and
 * nothing is lost that the key does not bring back. Whoever has the key can try values against
 * commitments; nobody else can. A row that is anchored again has other salts.
 */
export class RowSalts {
  readonly #key: Uint8Array;

  /** @param master 32 bytes of the mapping page */
  constructor(master: Uint8Array, mappingId: Uint8Array) {
    const info = Buffer.concat([Buffer.from(INFO), mappingId]);
    this.#key = hkdf(hmacSha256.mac, master, new Uint8Array(), info, SALT_BYTES);
  }

  /** Of one row in one batch; columns have theirs from it (`columnSalt`). */
  ofRow(batch: number, key: Uint8Array): Uint8Array {
    const place = new CborWriter(key.length + 16).array(2).uint(batch).bytes(key).finish();
    return hmacSha256.mac(this.#key, place);
  }

  /** Of a batch's key range. */
  ofRange(batch: number): Uint8Array {
    return hmacSha256.mac(this.#key, new CborWriter(16).array(1).uint(batch).finish());
  }
}
