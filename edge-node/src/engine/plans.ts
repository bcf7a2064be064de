import { asFault } from "@gridledger/protocol/faults";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { decodePlan, encodePlan, type Plan } from "@gridledger/protocol/messages/plan";
import type { ConsensusLane } from "@gridledger/protocol/topics";
import type { EngineEvent } from "../consensus/ports.ts";

interface PlansDeps {
  /** This node's identity id in hex. */
  readonly ownId: string;
  /** Identity ids in hex, by index. */
  readonly sealers: { readonly ids: readonly string[] };
  readonly ledger: { readonly head: { readonly height: number } };
  readonly ahead: { begin(from: string, plan: Plan): void };
  readonly engine: { readonly proposer: number | undefined; post(event: EngineEvent): void };
  readonly broadcast: (lane: ConsensusLane, bytes: Uint8Array) => boolean;
  readonly defer: (work: () => void) => void;
  readonly log: { debug(data: object, message: string): void };
}

/** Plans of blocks on their way between the proposer and those who execute along with it (ADR 036). */
export class Plans {
  readonly #deps: PlansDeps;
  /** Of the height after the next one: the proposer has the next block a moment before this node. */
  #early: { readonly publisher: string; readonly plan: Plan } | undefined;

  constructor(deps: PlansDeps) {
    this.#deps = deps;
  }

  /** True where it is on its way: the engine is woken once it has left, and then builds the block. */
  announce(plan: Plan): boolean {
    const { sealers, engine, broadcast, defer } = this.#deps;
    if (sealers.ids.length === 1 || engine.proposer === undefined) return false;
    if (!broadcast("p", encodePlan(plan))) return false;
    defer(() => engine.post({ type: "work" }));
    return true;
  }

  /** True when the message is a plan; only that of the validator whose turn it is counts. */
  onMessage(publisher: string, bytes: Uint8Array): boolean {
    if (peekMessageType(bytes) !== messageType.plan) return false;
    const { ownId, ledger, log } = this.#deps;
    if (publisher === ownId) return true;
    try {
      const plan = decodePlan(bytes);
      if (plan.height === ledger.head.height + 2) this.#early = { publisher, plan };
      else this.#begin(publisher, plan);
    } catch (thrown) {
      log.debug({ publisher, code: asFault(thrown).code }, "plan refused");
    }
    return true;
  }

  /** The engine knows whose turn it is on the new head. */
  onNewHead(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#begin(early.publisher, early.plan);
  }

  #begin(publisher: string, plan: Plan): void {
    const { ahead, sealers, engine } = this.#deps;
    if (publisher === sealers.ids[engine.proposer ?? -1]) ahead.begin(publisher, plan);
  }
}
