import type { CommitteeParameters } from "@gridledger/protocol/committee/parameters";
import { formatHex } from "@gridledger/protocol/hex";
import { quorum, type Validator } from "@gridledger/protocol/ledger/validators";
import { type Statement, statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import { decodeEvidence, verifyEvidence } from "@gridledger/protocol/messages/evidence";
import { claimOf } from "@gridledger/protocol/messages/justification";
import { decodeMessage } from "../../edge-node/src/consensus/poa/messages.ts";
import {
  type Action,
  type EngineEvent,
  signingStep,
  type WalRecord,
} from "../../edge-node/src/consensus/ports.ts";
import { fakeSuite } from "./fake-suite.ts";
import { type FinalBlock, SimChain } from "./sim-chain.ts";
import { machineOf } from "./sim-membership.ts";
import { chainId, type EventOrAction, type SimNode } from "./sim-node.ts";

export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

const steps = {
  [voteType.roundChange]: signingStep.roundChange,
  [voteType.proposal]: signingStep.proposal,
  [voteType.prepare]: signingStep.prepare,
  [voteType.commit]: signingStep.commit,
};

/** A set that has become smaller still holds the early messages of the one before. */
const MAX_EARLY = 16;

interface Said {
  readonly height: number;
  readonly statement: Statement;
}

/**
 * Looks at everything the honest nodes do, while they do it. Internal invariants (I3–I9) see a planted
 * bug hundreds of runs before it becomes a fork (I1).
 */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #final = new Map<number, string>();
  /** A chain that executes every decided block again, from the start. */
  readonly #auditor: SimChain;
  readonly #read = new WeakSet<Uint8Array>();
  /** What each honest validator has said at a place: digest. */
  readonly #said = new Map<string, string>();
  /** Votes that honest validators really gave: in their logs, from where they are sent. */
  readonly #votes = new Set<string>();
  readonly #durable = new Map<SimNode, Set<string>>();
  readonly #preparedRecords = new Map<SimNode, Set<string>>();
  readonly #commitsFor = new Map<string, Set<number>>();
  readonly #chosen = new Map<number, string>();
  readonly #commitRounds = new Map<string, Set<number>>();
  readonly #highestRoundChange = new Map<string, number>();

  /** Machines that follow the rules. */
  honest = new Set<number>();
  /** Lost their logs. */
  readonly forgetful = new Set<SimNode>();
  /** Lost everything; what they say again in the first two heights that they served is not held against them (ADR 023). */
  readonly wiped = new Set<SimNode>();

  constructor(
    validatorsHash: Uint8Array,
    validators: readonly Validator[],
    committee?: CommitteeParameters,
  ) {
    this.#auditor = new SimChain(validatorsHash, () => 0, validators, committee);
  }

  get finalHeight(): number {
    return this.#auditor.height;
  }

  /** Machines that seal the block after the last final one. */
  get members(): number[] {
    return this.#auditor.set.validators.map(machineOf);
  }

  #byzantineAt(height: number): number {
    const { validators } = this.#auditor.setAt(height);
    return validators.filter((validator) => !this.honest.has(machineOf(validator))).length;
  }

  observe(node: SimNode, what: EventOrAction): void {
    if (!node.isHonest || what.kind === "life") return;
    if (what.kind === "action") this.#guarded(node, what.action);
    else if (what.kind === "threw") this.#fail("I0", `${node.name} threw: ${what.detail}`);
    else if (what.kind === "badSeal") this.#onBadSeal(node, what.from, what.detail);
    else if (what.kind === "stored") this.#onStored(node, what.final);
    else this.#onEvent(node, what.event);
  }

  /** I4: an honest node hands on nothing that is not sealed. */
  #onBadSeal(node: SimNode, from: number, detail: string): void {
    if (this.honest.has(from)) this.#fail("I4", `v${from} sent ${node.name}: ${detail}`);
  }

  /** I1, I2, I4: what an honest node stores, whether it decided itself or sync brought it. */
  #onStored(node: SimNode, { block, seal, bodies }: FinalBlock): void {
    const { height } = block.header;
    const hash = formatHex(block.blockHash);
    const known = this.#final.get(height);
    if (known !== undefined && known !== hash) {
      this.#fail(
        "I1",
        `${node.name} stored ${hash.slice(0, 8)} at ${height}, not ${known.slice(0, 8)}`,
      );
      return;
    }
    this.#sound("I4", node, { blockHash: block.blockHash, seal }, voteType.commit, height);
    if (known !== undefined) return;
    this.#final.set(height, hash);
    try {
      this.#auditor.store({ block, seal, bodies });
    } catch (thrown) {
      this.#fail("I2", `block ${height}: ${String(thrown)}`);
    }
  }

  #onEvent(node: SimNode, event: EngineEvent): void {
    this.#bounded(node);
    // What was not synced may have survived all the same.
    if (event.type === "restored") for (const record of event.records) this.#onRecord(node, record);
  }

  /** What an honest node says or writes can be read. */
  #guarded(node: SimNode, action: Action): void {
    try {
      this.#onAction(node, action);
    } catch (thrown) {
      this.#fail("I4", `${node.name}: ${action.type} cannot be read: ${String(thrown)}`);
    }
  }

  #onAction(node: SimNode, action: Action): void {
    if (action.type === "record") for (const record of action.records) this.#onRecord(node, record);
    else if (action.type === "broadcast") this.#onBroadcast(node, action.bytes);
    else if (action.type === "evidence") this.#onEvidence(node, action.validator, action.bytes);
  }

  #onRecord(node: SimNode, record: WalRecord): void {
    if (record.kind === "signed") {
      setOf(this.#durable, node).add(
        `${record.height}/${record.round}/${record.step}/${formatHex(record.digest)}`,
      );
    }
    if (record.kind === "signed" && record.message.length > 0) {
      const message = decodeMessage(record.message);
      // Durable is as good as sent: after a restart it is sent again.
      if (message?.type === voteType.prepare || message?.type === voteType.commit) {
        const { height, round, blockHash } = message.body;
        this.#votes.add(voteKey(node.index, message.type, height, round, blockHash));
      }
    }
    if (record.kind === "prepared") {
      const { height, blockHash, certificate: seal } = record;
      setOf(this.#preparedRecords, node).add(`${height}/${seal.round}/${formatHex(blockHash)}`);
      this.#sound("I4", node, { blockHash, seal }, voteType.prepare, height);
    }
  }

  #onBroadcast(node: SimNode, bytes: Uint8Array): void {
    if (this.#read.has(bytes)) return;
    this.#read.add(bytes);
    const message = decodeMessage(bytes);
    if (message === undefined || message.type === 6) return;
    const { height, round } = message.body;
    let statement: Statement;
    if (message.type === voteType.proposal) {
      const blockHash = fakeSuite.hash(message.body.encodedHeader);
      const justificationHash = fakeSuite.hash(message.body.encodedJustification);
      statement = { type: message.type, round, blockHash, justificationHash };
    } else if (message.type === voteType.roundChange) {
      const { prepared } = message.body;
      statement = { type: message.type, round, prepared: claimOf(prepared) };
      if (prepared !== null) this.#sound("I4", node, prepared, voteType.prepare, height);
    } else {
      statement = { type: message.type, round, blockHash: message.body.blockHash };
    }
    const said = { height, statement };
    this.#durableFirst(node, said);
    const isExcused = this.#isExcused(node.index, height);
    if (!isExcused) this.#neverTwice(node, said);
    if (!isExcused) this.#rounds(node, said);
    if (statement.type === voteType.commit)
      this.#onCommit(node, height, round, statement.blockHash);
  }

  /** I9: nothing leaves before its record is durable. */
  #durableFirst(node: SimNode, { height, statement }: Said): void {
    const { hash: validatorsHash } = this.#auditor.setAt(height);
    const preimage = statementPreimage({ chainId, validatorsHash, height }, statement);
    const digest = fakeSuite.hash(preimage);
    const key = `${height}/${statement.round}/${steps[statement.type]}/${formatHex(digest)}`;
    if (!this.#durable.get(node)?.has(key)) {
      this.#fail("I9", `${node.name} sent ${describe(height, statement)} before it was durable`);
    }
  }

  /** A wiped machine in the first two heights that it ever served: nobody can tell it from a new one there. */
  #isExcused(machine: number, height: number): boolean {
    if (![...this.wiped].some(({ index }) => index === machine)) return false;
    let served = 0;
    for (let at = 1; at <= height && served <= 2; at++) {
      const isMember = this.#auditor.setAt(at).validators.some((one) => machineOf(one) === machine);
      if (isMember) served++;
    }
    return served <= 2;
  }

  /** I3: one thing at one place, across restarts and wiped disks. */
  #neverTwice(node: SimNode, { height, statement }: Said): void {
    const key = `${node.index}/${height}/${statement.round}/${statement.type}`;
    const what = describe(height, statement);
    const before = this.#said.get(key);
    if (before !== undefined && before !== what) {
      this.#fail("I3", `${node.name} signed ${what} after ${before}`);
    }
    this.#said.set(key, what);
  }

  /** I7: a round change owns up to every own commit. I8: nothing is said below an own round change. */
  #rounds(node: SimNode, { height, statement }: Said): void {
    const key = `${node.index}/${height}`;
    const highest = this.#highestRoundChange.get(key) ?? 0;
    const { round } = statement;
    if (round < highest)
      this.#fail("I8", `${node.name} said ${describe(height, statement)} in ${highest}`);
    if (statement.type !== voteType.roundChange) return;
    this.#highestRoundChange.set(key, Math.max(highest, round));
    // After a restart the round change of the round may be sent again behind a commit of the same.
    const before = [...setOf(this.#commitRounds, key)].filter((committed) => committed < round);
    const committed = Math.max(-1, ...before);
    if ((statement.prepared?.round ?? -1) < committed) {
      this.#fail(
        "I7",
        `${node.name} said ${describe(height, statement)}, committed in ${committed}`,
      );
    }
  }

  /** I5: prepared before commit. I6: no second value can reach a quorum once one has. */
  #onCommit(node: SimNode, height: number, round: number, blockHash: Uint8Array): void {
    const hash = formatHex(blockHash);
    if (!this.#preparedRecords.get(node)?.has(`${height}/${round}/${hash}`)) {
      this.#fail("I5", `${node.name} committed ${height}/${round} without a prepared record`);
    }
    setOf(this.#commitRounds, `${node.index}/${height}`).add(round);
    const commits = setOf(this.#commitsFor, `${height}/${round}/${hash}`);
    commits.add(node.index);
    const needed = quorum(this.#auditor.setAt(height).validators.length);
    if (commits.size + this.#byzantineAt(height) < needed) return;
    const chosen = this.#chosen.get(height);
    if (chosen !== undefined && chosen !== hash) {
      this.#fail(
        "I6",
        `at ${height} both ${chosen.slice(0, 8)} and ${hash.slice(0, 8)} were chosen`,
      );
    }
    this.#chosen.set(height, hash);
  }

  /** I4: q distinct signers, and all honest ones among them really voted. */
  #sound(
    invariant: string,
    node: SimNode,
    { blockHash, seal }: PreparedCertificate,
    type: number,
    height: number,
  ): void {
    const { validators } = this.#auditor.setAt(height);
    const needed = quorum(validators.length);
    const signers = new Set(seal.signatures.map(({ signer }) => signer));
    if (signers.size !== seal.signatures.length || signers.size < needed) {
      this.#fail(invariant, `${node.name}: a certificate of ${signers.size} signers at ${height}`);
      return;
    }
    let real = 0;
    for (const signer of signers) {
      const validator = validators[signer];
      if (validator === undefined) continue;
      const machine = machineOf(validator);
      if (this.#votes.has(voteKey(machine, type, height, seal.round, blockHash))) real++;
    }
    if (real < needed - this.#byzantineAt(height)) {
      this.#fail(invariant, `${node.name}: ${real} real votes of type ${type} at ${height}`);
    }
  }

  /** I10: evidence names only the guilty, and proves it to whoever reads it. */
  #onEvidence(node: SimNode, accused: number, bytes: Uint8Array): void {
    const evidence = decodeEvidence(bytes);
    const { validators, hash: validatorsHash } = this.#auditor.setAt(evidence.height);
    const { height } = evidence;
    const place = { chainId, validatorsHash, height };
    const validator = validators[accused]!;
    const machine = machineOf(validator);
    const isExcused = this.#isExcused(machine, height);
    if (this.honest.has(machine) && !isExcused) {
      this.#fail("I10", `${node.name} accused honest v${machine}`);
    }
    const publicKeys = validators.map(({ publicKey }) => publicKey);
    if (evidence.validator !== accused || !verifyEvidence(fakeSuite, publicKeys, place, evidence)) {
      this.#fail("I10", `${node.name}: the evidence against v${machine} proves nothing`);
    }
  }

  /** I11: what is held is bounded by the number of validators. */
  #bounded(node: SimNode): void {
    const { heldMessages = 0, heldBlocks = 0 } = node.engine?.view ?? {};
    // 3 rounds of PREPAREs, 8 of COMMITs, 1 round change, 4 early messages, of each validator.
    if (heldMessages > 16 * node.chain.set.validators.length + MAX_EARLY || heldBlocks > 4) {
      this.#fail("I11", `${node.name} holds ${heldMessages} messages, ${heldBlocks} blocks`);
    }
  }

  fail(invariant: string, detail: string): void {
    this.#fail(invariant, detail);
  }

  #fail(invariant: string, detail: string): void {
    if (this.violations.length < 20) this.violations.push({ invariant, detail });
  }
}

function describe(height: number, statement: Statement): string {
  const { type, round } = statement;
  const name = Object.entries(voteType).find(([, number]) => number === type)?.[0] ?? "?";
  if (statement.type === voteType.roundChange) {
    const { prepared } = statement;
    const claim =
      prepared === null
        ? "nothing"
        : `${prepared.round}:${formatHex(prepared.blockHash).slice(0, 8)}`;
    return `${name} ${height}/${round} prepared ${claim}`;
  }
  const extra =
    statement.type === voteType.proposal ? formatHex(statement.justificationHash).slice(0, 8) : "";
  return `${name} ${height}/${round} ${formatHex(statement.blockHash).slice(0, 8)} ${extra}`;
}

function voteKey(
  index: number,
  type: number,
  height: number,
  round: number,
  hash: Uint8Array,
): string {
  return `${index}/${type}/${height}/${round}/${formatHex(hash)}`;
}

function setOf<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  let set = map.get(key);
  if (set === undefined) {
    set = new Set();
    map.set(key, set);
  }
  return set;
}
