import { faultTolerance } from "@gridledger/protocol/ledger/validators";
import type { Prng } from "./prng.ts";
import {
  afterChange,
  encodeVote,
  machineOf,
  type SimChange,
  validatorOf,
} from "./sim-membership.ts";
import type { World } from "./world.ts";

const VOTE_AGAIN_MS = 2_000;
/** Below, no fault at all is survived. */
const SMALLEST_SET = 4;
/** A candidate has followed this long, so that a new log is not taken for a lost one. */
const CANDIDATE_HEIGHT = 3;

/** The operators: they change the validators while everything else happens. */
export class Council {
  readonly #world: World;
  readonly #plan: Prng;
  #open: { readonly change: SimChange; readonly members: readonly number[] } | undefined;
  #number = 0;

  constructor(world: World, plan: Prng) {
    this.#world = world;
    this.#plan = plan;
  }

  /** Votes for one change after the other. */
  start(untilMs: number): void {
    const { heap } = this.#world;
    const vote = () => {
      if (heap.nowMs >= untilMs) return;
      this.#vote();
      heap.after(VOTE_AGAIN_MS, vote);
    };
    heap.after(VOTE_AGAIN_MS, vote);
  }

  /** Whether the set, and the one that may come next, survive one more that forgets what it signed. */
  canSpare(victim: number): boolean {
    const { members } = this.#world.invariants;
    const sets = [members, this.#open?.members ?? members];
    return sets.every((set) => this.#faulty(set, victim) <= faultTolerance(set.length));
  }

  #vote(): void {
    const world = this.#world;
    const { members } = world.invariants;
    if (this.#open !== undefined && isSame(this.#open.members, members)) {
      world.stats.changesMade++;
      world.note(`the validators are ${members.map((m) => `v${m}`).join(" ")}`);
      this.#open = undefined;
    }
    this.#open ??= this.#propose(members);
    if (this.#open === undefined) return;
    for (const member of members) {
      if (world.nodes[member]!.isHonest) world.submit(encodeVote(this.#open.change, member));
    }
  }

  #propose(members: readonly number[]) {
    const world = this.#world;
    const plan = this.#plan;
    const spares = world.nodes.filter(({ index, chain, isSteady }) => {
      const isNear = chain.height >= Math.max(CANDIDATE_HEIGHT, world.invariants.finalHeight - 5);
      return isNear && isSteady && !members.includes(index);
    });
    const operation = plan.pick(["add", "remove", "replace"] as const);
    if (operation !== "remove" && spares.length === 0) return undefined;
    const joining = spares.length > 0 ? plan.pick(spares).index : 0;
    const subject = operation === "add" ? joining : plan.pick(members);
    const change = { operation, subject, joining, number: ++this.#number };
    const after = afterChange(members.map(validatorOf), change)?.map(machineOf);
    if (after === undefined || after.length < SMALLEST_SET) return undefined;
    if (this.#faulty(after) > faultTolerance(after.length)) return undefined;
    world.stats.changesProposed++;
    world.note(`${operation} v${subject}${operation === "replace" ? ` by v${joining}` : ""}`);
    return { change, members: after };
  }

  #faulty(members: readonly number[], victim = -1): number {
    const { nodes, invariants } = this.#world;
    return members.filter((member) => {
      const node = nodes[member]!;
      return member === victim || !node.isHonest || invariants.forgetful.has(node);
    }).length;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i]);
}
