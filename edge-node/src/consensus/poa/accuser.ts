import {
  encodeEvidence,
  isOffence,
  type SignedStatement,
} from "@gridledger/protocol/messages/evidence";
import type { Action } from "../ports.ts";
import type { Electorate } from "./electorate.ts";

/** Turns two signed statements that no honest validator makes into an EVIDENCE message, once each. */
export class Accuser {
  readonly #electorate: Electorate;
  readonly #emit: (action: Action) => void;
  /** At most one offence of each type per validator and height. */
  readonly #accused = new Set<string>();

  constructor(electorate: Electorate, emit: (action: Action) => void) {
    this.#electorate = electorate;
    this.#emit = emit;
  }

  accuse(validator: number, first: SignedStatement, second: SignedStatement): void {
    const key = `${validator}:${first.type}:${second.type}`;
    if (this.#accused.has(key) || !isOffence(first, second)) return;
    for (const statement of [first, second]) {
      if (!this.#electorate.verify(validator, statement, statement.signature)) return;
    }
    this.#accused.add(key);
    const { height } = this.#electorate;
    const bytes = encodeEvidence({ height, validator, first, second });
    this.#emit({ type: "evidence", validator, bytes });
  }
}
