import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { proposerOrder } from "@gridledger/protocol/ledger/turns";
import { faultTolerance, quorum, type Validator } from "@gridledger/protocol/ledger/validators";
import {
  type Statement,
  statementPreimage,
  type VotePlace,
} from "@gridledger/protocol/ledger/vote";
import type { Voters } from "@gridledger/protocol/messages/justification";
import type { ConsensusContext, EngineEvent } from "../ports.ts";

export type NewHeight = Extract<EngineEvent, { type: "newHeight" }>;

/** The validators of one height: who they are, who proposes, and whether they signed something. */
export class Electorate implements Voters {
  readonly height: number;
  readonly size: number;
  readonly quorum: number;
  /** Faulty validators that can be survived. */
  readonly faults: number;
  /** Index of this node, −1 when it is not a validator. */
  readonly self: number;
  readonly #place: Omit<VotePlace, "round">;
  readonly #validators: readonly Validator[];
  readonly #publishers: readonly string[];
  readonly #suite: ConsensusContext["suite"];
  readonly #order: readonly number[];
  readonly #passedOver: readonly number[];
  /**
   * Preimages of signatures found good, by validator and signature: a PREPARE that arrives alone, in a
   * certificate and in n round changes is verified once.
   */
  readonly #verified = new Map<string, Uint8Array>();

  constructor(context: ConsensusContext, event: NewHeight) {
    const { suite, chainId, signer } = context;
    this.height = event.height;
    this.size = event.validators.length;
    this.quorum = quorum(this.size);
    this.faults = faultTolerance(this.size);
    this.#place = { chainId, validatorsHash: event.validatorsHash, height: event.height };
    this.#validators = event.validators;
    this.#publishers = event.validators.map(({ publicKey }) =>
      formatHex(identityId(suite.hash, publicKey)),
    );
    this.#suite = suite;
    this.#passedOver = event.passedOver ?? [];
    this.#order = proposerOrder(this.size, this.height, this.#passedOver);
    this.self =
      signer === undefined
        ? -1
        : event.validators.findIndex(({ publicKey }) => equalBytes(publicKey, signer.publicKey));
  }

  /** Round robin, those passed over last: everybody once in n rounds. */
  proposer(round: number): number {
    return this.#order[round % this.size] ?? 0;
  }

  /** Who may well be the first to propose the next height: a miss at this one moves the turn by one. */
  get nextProposers(): readonly number[] {
    return proposerOrder(this.size, this.height + 1, this.#passedOver).slice(0, 2);
  }

  /** Identity id in hex, as in the topics; empty for an index outside the set. */
  publisherOf(index: number): string {
    return this.#publishers[index] ?? "";
  }

  indexOf(publisher: string): number {
    return this.#publishers.indexOf(publisher);
  }

  preimage(statement: Statement): Uint8Array {
    return statementPreimage(this.#place, statement);
  }

  verify(from: number, statement: Statement, signature: Uint8Array): boolean {
    const validator = this.#validators[from];
    if (validator === undefined) return false;
    const preimage = this.preimage(statement);
    const key = `${from}:${formatHex(signature)}`;
    const known = this.#verified.get(key);
    if (known !== undefined && equalBytes(known, preimage)) return true;
    if (!this.#suite.verify(validator.publicKey, preimage, signature)) return false;
    this.#remember(key, preimage);
    return true;
  }

  /** The height is decided: what was verified for it is hardly asked for again. */
  forget(): void {
    this.#verified.clear();
  }

  #remember(key: string, preimage: Uint8Array): void {
    if (this.#verified.size >= 16 * this.size) this.#verified.clear();
    this.#verified.set(key, preimage);
  }
}
