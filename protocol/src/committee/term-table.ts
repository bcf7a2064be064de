import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { StateTable } from "../ledger/state.ts";
import { FULL_WEIGHT, type GatewayWeight, type Term } from "./term.ts";

const PUBLIC_KEY_BYTES = 33;
const MAX_GATEWAYS = 1_024;
/** The table has one entry. */
const ONLY = "";

/** `q/` → `[fromHeight, [member …], [[publicKey, weight] …]]`; absent where no committee is drawn. */
export const terms: StateTable<typeof ONLY, Term> = {
  keyOf: (name) => `q/${name}`,
  encode({ fromHeight, members, weights }) {
    const writer = new CborWriter(64 + 80 * weights.length).array(3).uint(fromHeight);
    writer.array(members.length);
    for (const publicKey of members) writer.bytes(publicKey);
    writer.array(weights.length);
    for (const { publicKey, weight } of weights) writer.array(2).bytes(publicKey).uint(weight);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("term", 3);
    const fromHeight = reader.uint("fromHeight");
    const members: Uint8Array[] = [];
    for (let left = reader.array("members", MAX_GATEWAYS); left > 0; left--) {
      members.push(reader.fixedBytes("member", PUBLIC_KEY_BYTES));
    }
    const weights: GatewayWeight[] = [];
    for (let left = reader.array("weights", MAX_GATEWAYS); left > 0; left--) {
      reader.tuple("weight", 2);
      const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
      weights.push({ publicKey, weight: reader.uint("weight", FULL_WEIGHT) });
    }
    reader.end();
    return { fromHeight, members, weights };
  },
};

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

interface Writer {
  set<Name, Value>(table: StateTable<Name, Value>, name: Name, value: Value): void;
}

export const readTerm = (state: Reader): Term | undefined => state.get(terms, ONLY);

export function writeTerm(state: Writer, term: Term): void {
  state.set(terms, ONLY, term);
}
