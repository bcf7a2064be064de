import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { checkStanding } from "../ledger/standing.ts";
import { identities, type StateTable } from "../ledger/state.ts";
import { HOLDERS, type HoldingPlace, readPlaces, writePlaces } from "./holder-declaration.ts";
import type { Holder } from "./placement.ts";

/** So many may keep copies on one channel. */
export const MAX_HOLDERS = 256;

export interface DeclaredHolder {
  readonly id: Uint8Array;
  readonly places: readonly HoldingPlace[];
}

/** `z/` → `[[id, [[name, capacityBytes] …]] …]`, in the order of their first declaration. */
export const holderTable: StateTable<"", readonly DeclaredHolder[]> = {
  keyOf: (name) => `z/${name}`,
  encode(holders) {
    const writer = new CborWriter(16 + holders.length * 32).array(holders.length);
    for (const { id, places } of holders) writePlaces(writer.array(2).bytes(id), places);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const holders: DeclaredHolder[] = [];
    for (let left = reader.array("holders", MAX_HOLDERS); left > 0; left--) {
      reader.tuple("holder", 2);
      const id = reader.fixedBytes("id", IDENTITY_ID_BYTES);
      holders.push({ id, places: readPlaces(reader) });
    }
    reader.end();
    return holders;
  },
};

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

/** Who keeps copies by this state: a node that was voted out, or was revoked, is none. */
export function holdersIn(state: Reader): readonly Holder[] {
  const declared = state.get(holderTable, "") ?? [];
  return declared.flatMap(({ id, places }) => {
    const role = state.get(identities, id)?.role;
    const isHolder = role !== undefined && role !== "candidate" && HOLDERS.includes(role);
    if (!isHolder || checkStanding(state, id) !== undefined) return [];
    return places.map((place) => ({ id, ...place, isStore: role === "hub" }));
  });
}
