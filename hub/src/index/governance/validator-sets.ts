import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { decodeApproval } from "@gridledger/protocol/governance/approval";
import {
  type BreakGlass,
  checkOrderHead,
  decodeBreakGlass,
  encodeBreakGlass,
  verifyBreakGlass,
} from "@gridledger/protocol/governance/break-glass";
import {
  type GovernanceState,
  genesisGovernance,
} from "@gridledger/protocol/governance/governance-state";
import { decodeProposal } from "@gridledger/protocol/governance/proposal";
import {
  approve,
  endBlock,
  type GovernanceContext,
  type GovernanceStep,
  propose,
} from "@gridledger/protocol/governance/rules";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import type { Header } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { RECENT_HASHES } from "@gridledger/protocol/ledger/recent-hashes";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { decodeTransaction, type Transaction } from "@gridledger/protocol/ledger/transaction";
import { type ValidatorSet, validatorsHash } from "@gridledger/protocol/ledger/validators";
import { CommitteeFollower, type CommitteeView } from "./committee-follower.ts";

const governanceKinds: ReadonlySet<number> = new Set([
  kind.proposal,
  kind.approval,
  kind.breakGlass,
]);

type BlockHash = GovernanceContext["blockHash"];

interface SealedBlock {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
}

/** Where the governance transactions of the index stand. */
export interface GovernanceArchive {
  readonly transactions: {
    governance(): Promise<readonly { readonly height: number; readonly encoded: Uint8Array }[]>;
  };
  readonly blocks: {
    byHeight(height: number): Promise<SealedBlock | undefined>;
    newest(limit: number): Promise<readonly (SealedBlock & { readonly hash: Uint8Array })[]>;
  };
}

/**
 * The validator sets by height, as this hub has followed them: it runs the same rules on the same
 * transactions as the validators, and compares with the header, which commits to the outcome.
 */
export class ValidatorSets {
  readonly #chain: Chain;
  readonly #committee: CommitteeFollower;
  #state: GovernanceState;
  readonly #spans: { readonly fromHeight: number; readonly set: ValidatorSet }[];
  /** Hashes of the last blocks: what a candidate's heartbeat is compared with. */
  readonly #recent = new Map<number, Uint8Array>();
  /** Height of the last block that was taken. */
  #replayed = 0;
  /** The block before the next: whose header an order follows. */
  #last: SealedBlock | undefined;
  readonly #handovers: { readonly height: number; readonly handover: Handover }[] = [];

  constructor(chain: Chain) {
    this.#chain = chain;
    this.#state = genesisGovernance(chain);
    this.#committee = new CommitteeFollower(chain);
    this.#spans = [{ fromHeight: 1, set: chain.firstSet }];
  }

  get state(): GovernanceState {
    return this.#state;
  }

  /** Seals the block after the last that was accepted. */
  get latest(): ValidatorSet {
    return this.#spans.at(-1)!.set;
  }

  /** The committee that seals the next block; undefined where every validator does. */
  get committee(): CommitteeView | undefined {
    return this.#committee.view(this.#state, this.#replayed + 1);
  }

  at(height: number): ValidatorSet {
    return this.#spans.findLast(({ fromHeight }) => fromHeight <= height)?.set ?? this.latest;
  }

  /** What proves the set of a height from the genesis on. */
  handoversTo(height: number): readonly Handover[] {
    return this.#handovers.filter((known) => known.height < height).map((known) => known.handover);
  }

  /** Goes on where the index stands. @throws Fault STORE_CORRUPT */
  async load({ transactions, blocks }: GovernanceArchive): Promise<void> {
    const byHeight = new Map<number, Uint8Array[]>();
    for (const { height, encoded } of await transactions.governance()) {
      byHeight.set(height, [...(byHeight.get(height) ?? []), encoded]);
    }
    const recent = await blocks.newest(RECENT_HASHES);
    const head = recent[0]?.header.height ?? 0;
    const heights = [...byHeight.keys()];
    for (let height = this.#nextOf(heights); height <= head; height = this.#nextOf(heights)) {
      const block = await blocks.byHeight(height);
      if (block === undefined) throw new Fault("STORE_CORRUPT", `block ${height} is missing`);
      if (this.#last?.header.height !== height - 1) this.#last = await blocks.byHeight(height - 1);
      this.#take(block, byHeight.get(height) ?? [], undefined);
    }
    for (const { header, hash } of recent) this.#recent.set(header.height, hash);
    this.#last = recent[0];
  }

  /**
   * The set that can have sealed the next block: the latest, or the one of the order that it holds.
   *
   * @throws Fault BREAK_GLASS_*, CHAIN_MISMATCH for an order that does not hold here
   */
  sealing(block: Pick<SealedBlock, "header">, transactions: readonly Uint8Array[]): ValidatorSet {
    return this.#orderFor(block, transactions)?.set ?? this.latest;
  }

  /**
   * Takes the next block; the changes it brought into force.
   *
   * @throws Fault BLOCK_INVALID when the header commits to another set than the rules give
   */
  accept(block: SealedBlock, transactions: readonly Uint8Array[]): readonly Action[] {
    const { height, parentHash } = block.header;
    this.#recent.set(height - 1, parentHash);
    this.#recent.delete(height - 1 - RECENT_HASHES);
    return this.#take(block, transactions, (at) => this.#recent.get(at));
  }

  /** The next height at which anything can change; a committee follows from every header. */
  #nextOf(votedHeights: readonly number[]): number {
    if (this.#committee.isAtWork) return this.#replayed + 1;
    const voted = votedHeights.find((height) => height > this.#replayed) ?? Infinity;
    return Math.min(voted, this.#dueHeight ?? Infinity);
  }

  /** At the end of which block an approved change comes into force next. */
  get #dueHeight(): number | undefined {
    const [first] = this.#state.scheduled;
    return first && first.fromHeight - 1;
  }

  #take(block: SealedBlock, transactions: readonly Uint8Array[], blockHash: BlockHash): Action[] {
    const { header } = block;
    const order = this.#orderFor(block, transactions);
    const before = order === undefined ? this.#state : orderedState(this.#state, order.document);
    const sealing = order?.set ?? this.latest;
    const voted = this.#run(before, transactions, { height: header.height, blockHash });
    const { state, executed } = endBlock(voted, header.height);
    const validators = this.#committee.take(header, sealing.validators, state, order !== undefined);
    const hash = validatorsHash(this.#chain.suite.hash, validators);
    const isSame = equalBytes(hash, sealing.hash);
    if (!equalBytes(header.nextValidatorsHash, hash)) {
      throw new Fault("BLOCK_INVALID", `block ${header.height} hands over to another set`);
    }
    const moved = movesBetween(this.#state, before);
    if (order !== undefined) this.#handOver(this.#last!, order.set, order.document);
    this.#state = state;
    this.#last = block;
    this.#replayed = header.height;
    if (!isSame) this.#handOver(block, { validators, hash });
    return [...moved, ...executed.map(({ proposal }) => proposal.action)];
  }

  /** The verified order that a block of another set holds. @throws Fault BREAK_GLASS_*, CHAIN_MISMATCH */
  #orderFor(
    { header }: Pick<SealedBlock, "header">,
    transactions: readonly Uint8Array[],
  ): { readonly set: ValidatorSet; readonly document: BreakGlass } | undefined {
    if (equalBytes(header.validatorsHash, this.latest.hash)) return undefined;
    const bringing = transactions.map((encoded) => this.#read(encoded));
    const found = bringing.find((transaction) => transaction?.kind === kind.breakGlass);
    if (found === undefined) return undefined;
    const document = decodeBreakGlass(found.payload);
    verifyBreakGlass(this.#chain, document);
    const head = { height: header.height - 1, hash: header.parentHash };
    const fault = checkOrderHead(document, head);
    if (fault !== undefined) throw fault;
    const { validators } = document.order;
    return {
      document,
      set: { validators, hash: validatorsHash(this.#chain.suite.hash, validators) },
    };
  }

  #handOver(
    { header, encodedHeader, seal }: SealedBlock,
    set: ValidatorSet,
    document?: BreakGlass,
  ): void {
    const { height } = header;
    this.#spans.push({ fromHeight: height + 1, set });
    const publicKeys = set.validators.map(({ publicKey }) => publicKey);
    const handover = { encodedHeader, seal, publicKeys };
    if (document === undefined) this.#handovers.push({ height, handover });
    else {
      const breakGlass = encodeBreakGlass(document.encodedOrder, document.signatures);
      this.#handovers.push({ height, handover: { ...handover, breakGlass } });
    }
  }

  #run(
    before: GovernanceState,
    transactions: readonly Uint8Array[],
    place: Pick<GovernanceContext, "height" | "blockHash">,
  ): GovernanceState {
    let state = before;
    const context = { chain: this.#chain, ...place };
    for (const encoded of transactions) {
      const step = this.#step(context, state, encoded);
      if (step === undefined) continue;
      if (step instanceof Fault) {
        throw new Fault("BLOCK_INVALID", `block ${place.height}: ${step.message}`, { cause: step });
      }
      state = step.state;
    }
    return state;
  }

  #step(
    context: GovernanceContext,
    state: GovernanceState,
    encoded: Uint8Array,
  ): GovernanceStep | Fault | undefined {
    const transaction = this.#read(encoded);
    if (transaction === undefined || transaction.kind === kind.breakGlass) return undefined;
    const { hash } = this.#chain.suite;
    const sender = state.inForce.membership.validators.find(({ publicKey }) =>
      equalBytes(identityId(hash, publicKey), transaction.sender),
    );
    if (sender === undefined) return new Fault("SENDER_ROLE", "no validator sent it");
    const { payload } = transaction;
    return transaction.kind === kind.proposal
      ? propose(context, state, sender.publicKey, decodeProposal(payload))
      : approve(context, state, sender.publicKey, decodeApproval(payload));
  }

  /** Undefined for every other kind, and for what this version cannot read. */
  #read(encoded: Uint8Array): Transaction | undefined {
    try {
      const transaction = decodeTransaction(this.#chain.suite, encoded);
      return governanceKinds.has(transaction.kind) ? transaction : undefined;
    } catch (thrown) {
      if (thrown instanceof Fault) return undefined;
      throw thrown;
    }
  }
}

/** What the old set has begun or decided for later is void, as on the validators. */
function orderedState({ inForce }: GovernanceState, { order }: BreakGlass): GovernanceState {
  const membership = { changedAtHeight: order.height, validators: order.validators };
  return { inForce: { ...inForce, membership }, open: [], scheduled: [] };
}

/** An order as the removals and additions that it comes to, so that roles follow. */
function movesBetween(before: GovernanceState, after: GovernanceState): Action[] {
  const [old, now] = [before.inForce.membership.validators, after.inForce.membership.validators];
  if (old === now) return [];
  const heartbeat = new Uint8Array(0);
  return [
    ...old.map(({ publicKey }): Action => ({ type: "remove", publicKey })),
    ...now.map(({ publicKey, name }): Action => ({ type: "add", publicKey, name, heartbeat })),
  ];
}
