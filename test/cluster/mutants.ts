import { equalBytes } from "@gridledger/protocol/hex";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { type VoteType, voteType } from "@gridledger/protocol/ledger/vote";
import type { Justification } from "@gridledger/protocol/messages/proposal";
import { Ballot } from "../../edge-node/src/consensus/poa/ballot.ts";
import { Electorate, type NewHeight } from "../../edge-node/src/consensus/poa/electorate.ts";
import { HeightMachine } from "../../edge-node/src/consensus/poa/height-machine.ts";
import type { HeightParts } from "../../edge-node/src/consensus/poa/height-parts.ts";
import { PoaEngine } from "../../edge-node/src/consensus/poa/poa.ts";
import type { HeightMemory } from "../../edge-node/src/consensus/poa/recovery.ts";
import { RoundChangeStore } from "../../edge-node/src/consensus/poa/round-change-store.ts";
import type { Draft } from "../../edge-node/src/consensus/poa/voice.ts";
import { type StoredVote, VoteStore } from "../../edge-node/src/consensus/poa/vote-store.ts";
import type { Action, ConsensusContext } from "../../edge-node/src/consensus/ports.ts";
import type { RunOptions } from "./run.ts";

type Mutation = Pick<RunOptions, "engine" | "flaws">;
type MachineClass = new (parts: HeightParts, connected: boolean) => HeightMachine;

/** besu#1734: the own COMMIT counts from the acceptance of the proposal, before it is said. */
class EarlyCommit extends HeightMachine {
  protected override accept(blockHash: Uint8Array, before: readonly Draft<unknown>[]): void {
    const { electorate, ballot, context } = this.parts;
    const round = this.round.number;
    const statement = { type: voteType.commit, round, blockHash };
    const signature = context.signer!.sign(electorate.preimage(statement));
    ballot.addVote(voteType.commit, { round, from: electorate.self, blockHash, signature });
    super.accept(blockHash, before);
  }
}

/** Proposes, and votes for, a new block although another one is prepared. */
class IgnoresPrepared extends HeightMachine {
  protected override judge(): "fresh" {
    return "fresh";
  }

  protected override justify(): Justification | undefined {
    const justification = super.justify();
    return justification && { ...justification, prepared: null };
  }
}

/** Counts rounds alone, however few are with it. */
class RunsAhead extends HeightMachine {
  protected override onRoundTimeout(): void {
    this.changeRound(this.round.number + 1);
  }
}

/** Says in a round change that nothing was prepared. */
class Forgetful extends HeightMachine {
  override onTimer(id: number): void {
    this.prepared = null;
    super.onTimer(id);
  }
}

/** Starts its timers although nobody wants a block (besu#10917). */
class Impatient extends HeightMachine {
  override start(memory: HeightMemory | undefined): void {
    super.start(memory);
    this.want();
  }
}

/** 2f instead of ⌈2n/3⌉. */
class LowQuorum extends Electorate {
  override readonly quorum = 2 * this.faults;
}

/** Never looks at a signature. */
class Blind extends Electorate {
  override verify(): boolean {
    return true;
  }
}

/** Counts every copy of a vote. */
class CountsTwice extends VoteStore {
  readonly #votes: StoredVote[] = [];

  override add(vote: StoredVote) {
    if (this.#votes.length < 64) this.#votes.push(vote);
    return super.add(vote);
  }

  override count(round: number, blockHash: Uint8Array): number {
    return this.#matching(round, blockHash).length;
  }

  override quorum(round: number, blockHash: Uint8Array): Seal | undefined {
    const matching = this.#matching(round, blockHash);
    if (matching.length < this.electorate.quorum) return undefined;
    const signatures = matching.slice(0, this.electorate.quorum);
    return {
      round,
      signatures: signatures.map(({ from, signature }) => ({ signer: from, signature })),
    };
  }

  #matching(round: number, blockHash: Uint8Array): StoredVote[] {
    return this.#votes.filter(
      (vote) => vote.round === round && equalBytes(vote.blockHash, blockHash),
    );
  }
}

/** Goes on with the validators of the genesis, whoever was voted in or out since. */
class StaleSet extends Electorate {
  constructor(context: ConsensusContext, event: NewHeight, first: NewHeight) {
    const { validators, validatorsHash } = first;
    super(context, { ...event, validators, validatorsHash });
  }
}

/** Waits for its own timer, however far ahead the others are. */
class NeverJumps extends RoundChangeStore {
  override jumpTarget(): undefined {
    return undefined;
  }
}

function withMachine(Machine: MachineClass): Mutation {
  return {
    engine: (context) =>
      new (class extends PoaEngine {
        protected override createMachine(parts: HeightParts, connected: boolean): HeightMachine {
          return new Machine(parts, connected);
        }
      })(context),
  };
}

function withElectorate(Changed: typeof Electorate): Mutation {
  return {
    engine: (context) =>
      new (class extends PoaEngine {
        protected override createElectorate(event: NewHeight): Electorate {
          return new Changed(this.context, event);
        }
      })(context),
  };
}

function withStaleSet(): Mutation {
  return {
    engine: (context) => {
      let first: NewHeight | undefined;
      return new (class extends PoaEngine {
        protected override createElectorate(event: NewHeight): Electorate {
          first ??= event;
          return new StaleSet(this.context, event, first);
        }
      })(context);
    },
  };
}

type Stores = (electorate: Electorate) => ConstructorParameters<typeof Ballot>[2];

function withStores(stores: Stores): Mutation {
  return {
    engine: (context) =>
      new (class extends PoaEngine {
        protected override createBallot(electorate: Electorate, emit: (action: Action) => void) {
          return new Ballot(electorate, emit, stores(electorate));
        }
      })(context),
  };
}

const twice = (electorate: Electorate, type: VoteType) => new CountsTwice(electorate, type, 5);

/** Planted bugs; each must be found. */
export const mutants: Readonly<Record<string, Mutation>> = {
  "no-wal": { flaws: { losesWal: true } },
  "lost-fsync": { flaws: { disk: { forgetsSynced: true } } },
  "no-folder-fsync": { flaws: { disk: { forgetsNames: true } } },
  "sends-early": { flaws: { sendsEarly: true } },
  "trusts-sync": { flaws: { trustsSync: true } },
  "early-commit": withMachine(EarlyCommit),
  "ignores-prepared": withMachine(IgnoresPrepared),
  "forgets-prepared": withMachine(Forgetful),
  "low-quorum": withElectorate(LowQuorum),
  blind: withElectorate(Blind),
  "stale-set": withStaleSet(),
  "counts-twice": withStores((electorate) => ({
    prepares: twice(electorate, voteType.prepare),
    commits: twice(electorate, voteType.commit),
  })),
  "never-jumps": withStores((electorate) => ({ roundChanges: new NeverJumps(electorate) })),
  "runs-ahead": withMachine(RunsAhead),
  impatient: withMachine(Impatient),
};
