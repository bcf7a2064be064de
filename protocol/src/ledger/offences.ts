import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import type { StateTable } from "./state.ts";

/** Evidence may be this many blocks old. */
export const EVIDENCE_WINDOW_BLOCKS = 10_000;

/** What a validator can be proven to have done. The numbers are stored. */
export const offence = {
  doubleProposal: 1,
  doublePrepare: 2,
  doubleCommit: 3,
  /** A round change that hides an own commit. */
  amnesia: 4,
  /** A proposal whose own round changes do not allow its block. */
  unjustifiedProposal: 5,
} as const;
export type Offence = (typeof offence)[keyof typeof offence];
export type OffenceName = keyof typeof offence;

/** An offence is recorded once for each validator, height and kind. */
export interface OffencePlace {
  /** Identity id of the validator. */
  readonly validator: Uint8Array;
  readonly height: number;
  readonly offence: Offence;
}

export interface OffenceRecord {
  /** Height of the block that holds the evidence. */
  readonly recordedAt: number;
  /** Identity id of the validator that submitted it. */
  readonly reporter: Uint8Array;
}

/** `o/<id, 10 bytes>/<height>/<offence>` → `[recordedAt, reporter]`. */
export const offences: StateTable<OffencePlace, OffenceRecord> = {
  keyOf: ({ validator, height, offence: what }) =>
    `o/${Buffer.from(validator).toString("latin1")}/${height}/${what}`,
  encode: ({ recordedAt, reporter }) =>
    new CborWriter(24).array(2).uint(recordedAt).bytes(reporter).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("offence", 2);
    const recordedAt = reader.uint("recordedAt");
    const record = { recordedAt, reporter: reader.fixedBytes("reporter", IDENTITY_ID_BYTES) };
    reader.end();
    return record;
  },
};
