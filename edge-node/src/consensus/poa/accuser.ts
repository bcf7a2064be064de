import { encodeEvidence, type Misdeed, offenceOf } from "@gridledger/protocol/messages/evidence";
import type { Action } from "../ports.ts";
import type { Electorate } from "./electorate.ts";

/** Turns what a validator has signed, and no honest one signs, into an EVIDENCE message, once each. */
export class Accuser {
  readonly #electorate: Electorate;
  readonly #emit: (action: Action) => void;
  /** At most one offence of each type per validator and height. */
  readonly #accused = new Set<string>();

  constructor(electorate: Electorate, emit: (action: Action) => void) {
    this.#electorate = electorate;
    this.#emit = emit;
  }

  /** An unjustified proposal has been judged by who hands it in; its signature is looked at here. */
  accuse(validator: number, misdeed: Misdeed): void {
    const offence = offenceOf(misdeed);
    const key = `${validator}:${offence}`;
    if (offence === undefined || this.#accused.has(key)) return;
    const signed =
      "justification" in misdeed ? [misdeed.proposal] : [misdeed.first, misdeed.second];
    for (const statement of signed) {
      if (!this.#electorate.verify(validator, statement, statement.signature)) return;
    }
    this.#accused.add(key);
    const { height } = this.#electorate;
    const bytes = encodeEvidence({ height, validator, ...misdeed });
    this.#emit({ type: "evidence", validator, bytes });
  }
}
