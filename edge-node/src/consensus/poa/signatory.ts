import type { FaultCode } from "@gridledger/protocol/faults";
import { type Statement, voteType } from "@gridledger/protocol/ledger/vote";
import { type ConsensusContext, type SigningStep, signingStep } from "../ports.ts";
import type { Electorate } from "./electorate.ts";
import { type SignedPlace, SigningGuard } from "./signing-guard.ts";

const stepOf: Readonly<Record<Statement["type"], SigningStep>> = {
  [voteType.roundChange]: signingStep.roundChange,
  [voteType.proposal]: signingStep.proposal,
  [voteType.prepare]: signingStep.prepare,
  [voteType.commit]: signingStep.commit,
};

interface Signed {
  readonly signature: Uint8Array;
  /** Where it now stands, to be made durable before the signature leaves; undefined when it already is. */
  readonly place: SignedPlace | undefined;
}

/** This node's key behind the guard. Signs nothing before the WAL was read, or while suspended. */
export class Signatory {
  readonly #context: ConsensusContext;
  readonly #guard = new SigningGuard();
  #suspended: FaultCode | undefined = "SIGNING_SUSPENDED";

  constructor(context: ConsensusContext) {
    this.#context = context;
  }

  get last(): SignedPlace | undefined {
    return this.#guard.last;
  }

  get canSign(): boolean {
    return this.#context.signer !== undefined && this.#suspended === undefined;
  }

  get suspended(): FaultCode | undefined {
    return this.#suspended;
  }

  suspend(code: FaultCode): void {
    // A key that runs elsewhere stays suspended until the process ends.
    if (this.#suspended !== "KEY_IN_USE_ELSEWHERE") this.#suspended = code;
  }

  resume(): void {
    if (this.#suspended !== "KEY_IN_USE_ELSEWHERE") this.#suspended = undefined;
  }

  remember(signed: SignedPlace): void {
    this.#guard.remember(signed);
  }

  /** Undefined when this node may not sign it. */
  sign(electorate: Electorate, statement: Statement): Signed | undefined {
    const { signer, suite } = this.#context;
    if (signer === undefined || !this.canSign || electorate.self < 0) return undefined;
    const preimage = electorate.preimage(statement);
    const digest = suite.hash(preimage);
    const { height } = electorate;
    const place = { height, round: statement.round, step: stepOf[statement.type] };
    const answer = this.#guard.ask(place, digest);
    if (answer === "refuse") return undefined;
    if (answer !== "sign") return { signature: answer, place: undefined };
    const signature = signer.sign(preimage);
    const signed = { ...place, digest, signature };
    this.#guard.remember(signed);
    return { signature, place: signed };
  }
}
