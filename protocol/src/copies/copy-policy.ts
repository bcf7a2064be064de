import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { StateTable } from "../ledger/state.ts";
import type { Classification } from "../objects/manifest.ts";

export const MAX_COPIES = 16;

/** Copies of an object beside the one at the hub that took it in, by its class. */
export type CopyPolicy = Readonly<Record<Classification, number>>;

/** Until votes say something else. */
export const DEFAULT_COPIES: CopyPolicy = { public: 2, internal: 2, confidential: 2 };

/** `z/n` → `[public, internal, confidential]`; absent while nobody has decided. */
export const copyPolicies: StateTable<"", CopyPolicy> = {
  keyOf: (name) => `z/n${name}`,
  encode: ({ public: open, internal, confidential }) =>
    new CborWriter(8).array(3).uint(open).uint(internal).uint(confidential).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("copy policy", 3);
    const policy = {
      public: reader.uint("public", MAX_COPIES),
      internal: reader.uint("internal", MAX_COPIES),
      confidential: reader.uint("confidential", MAX_COPIES),
    };
    reader.end();
    return policy;
  },
};
