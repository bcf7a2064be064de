import { MAX_COPIES } from "../../copies/copy-policy.ts";
import { Fault } from "../../faults.ts";
import { type Classification, classifications } from "../../objects/manifest.ts";
import type { GovernanceAction } from "./governance-action.ts";

/** How many copies objects of a class have beside their hub's (guide §10.5). */
export interface CopyChange {
  readonly type: "copies";
  readonly classification: Classification;
  /** 0 to 16. */
  readonly copies: number;
}

/** `[classification, copies]` */
export const copyChange: GovernanceAction<CopyChange> = {
  ...{ number: 31, type: "copies", family: "data" },
  ...{ check: () => undefined, apply: (inForce) => inForce },
  slot: ({ classification }) => `copies/${classification}`,
  write(writer, { classification, copies }) {
    writer.array(2).uint(classifications[classification]).uint(copies);
  },
  read(reader) {
    reader.tuple("copies", 2);
    const number = reader.uint("classification");
    const copies = reader.uint("copies", MAX_COPIES);
    const names = Object.keys(classifications) as Classification[];
    const classification = names.find((name) => classifications[name] === number);
    if (classification !== undefined) return { type: "copies", classification, copies };
    throw new Fault("PROPOSAL_SHAPE", `unknown class ${number}`);
  },
};
