import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import type { Role } from "../ledger/roles.ts";

/** Who may keep copies of objects: nodes, and hubs in further stores. */
export const HOLDERS: readonly Role[] = ["validator", "candidate", "hub"];

const MAX_PLACES = 8;
const MAX_PLACE_NAME_BYTES = 32;
const PLACE_NAME = /^(?:|[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?)$/;

/** Where copies lie, and how many bytes they may take there. */
export interface HoldingPlace {
  /** Empty where a node keeps them itself; the name of a hub's further store. */
  readonly name: string;
  readonly capacityBytes: number;
}

/**
 * A node or hub says where it keeps copies of objects, kind 31: `[[name, capacityBytes] …]` (guide
 * §10.5). It stands until the next one; an empty list says that it keeps no more.
 */
export function encodeHolderDeclaration(places: readonly HoldingPlace[]): Uint8Array {
  return writePlaces(new CborWriter(64), places).finish();
}

/** @throws Fault CBOR_*, COPY_SHAPE */
export function decodeHolderDeclaration(encoded: Uint8Array): readonly HoldingPlace[] {
  const reader = new CborReader(encoded);
  const places = readPlaces(reader);
  reader.end();
  return places;
}

export function writePlaces(writer: CborWriter, places: readonly HoldingPlace[]): CborWriter {
  writer.array(places.length);
  for (const { name, capacityBytes } of places) writer.array(2).text(name).uint(capacityBytes);
  return writer;
}

/** @throws Fault CBOR_*, COPY_SHAPE */
export function readPlaces(reader: CborReader): readonly HoldingPlace[] {
  const places: HoldingPlace[] = [];
  for (let left = reader.array("places", MAX_PLACES); left > 0; left--) {
    reader.tuple("place", 2);
    const name = reader.text("name", MAX_PLACE_NAME_BYTES);
    if (!PLACE_NAME.test(name)) {
      throw new Fault("COPY_SHAPE", "a place's name has letters a to z, digits and inner hyphens");
    }
    if (places.some((known) => known.name === name)) {
      throw new Fault("COPY_SHAPE", `the place "${name}" stands twice`);
    }
    const capacityBytes = reader.uint("capacityBytes");
    if (capacityBytes === 0) throw new Fault("COPY_SHAPE", `the place "${name}" takes nothing`);
    places.push({ name, capacityBytes });
  }
  return places;
}
