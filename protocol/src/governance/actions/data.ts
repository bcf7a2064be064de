import type { CborReader } from "../../cbor/reader.ts";
import { Fault } from "../../faults.ts";
import { equalBytes, formatHex } from "../../hex.ts";
import { ROOT_BYTES } from "../../objects/manifest.ts";
import type { GovernanceAction } from "./governance-action.ts";

const MAX_BASIS_BYTES = 256;

/** One object takes the place of another; both stay, and readers get the newer one (guide §9.1 a). */
export interface Amendment {
  readonly type: "amendment";
  readonly root: Uint8Array;
  /** Root of the object that supersedes it; on the chain already. */
  readonly successor: Uint8Array;
  /** The law, contract or order that allows it. */
  readonly legalBasis: string;
}

/** The bytes and salts of an object are to go everywhere; its root stays (guide §9.1 b). */
export interface Erasure {
  readonly type: "erasure";
  readonly root: Uint8Array;
  readonly legalBasis: string;
}

/** `[root, successor, legalBasis]` */
export const amendment: GovernanceAction<Amendment> = {
  ...{ number: 16, type: "amendment", family: "data", slot: slotOf },
  ...{ check: () => undefined, apply: (inForce) => inForce },
  write(writer, { root, successor, legalBasis }) {
    writer.array(3).bytes(root).bytes(successor).text(legalBasis);
  },
  read(reader) {
    reader.tuple("amendment", 3);
    const root = reader.fixedBytes("root", ROOT_BYTES);
    const successor = reader.fixedBytes("successor", ROOT_BYTES);
    if (equalBytes(root, successor)) {
      throw new Fault("PROPOSAL_SHAPE", "an object cannot supersede itself");
    }
    return { type: "amendment", root, successor, legalBasis: basisFrom(reader) };
  },
};

/** `[root, legalBasis]` */
export const erasure: GovernanceAction<Erasure> = {
  ...{ number: 17, type: "erasure", family: "data", slot: slotOf },
  ...{ check: () => undefined, apply: (inForce) => inForce },
  write(writer, { root, legalBasis }) {
    writer.array(2).bytes(root).text(legalBasis);
  },
  read(reader) {
    reader.tuple("erasure", 2);
    const root = reader.fixedBytes("root", ROOT_BYTES);
    return { type: "erasure", root, legalBasis: basisFrom(reader) };
  },
};

function slotOf({ root }: { readonly root: Uint8Array }): string {
  return `object/${formatHex(root)}`;
}

/** Nothing is amended or erased without saying by what right. */
function basisFrom(reader: CborReader): string {
  const basis = reader.text("legalBasis", MAX_BASIS_BYTES);
  if (basis.trim() === "") throw new Fault("PROPOSAL_SHAPE", "the legal basis is missing");
  return basis;
}
