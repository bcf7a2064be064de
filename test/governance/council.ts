import { international as suite } from "@gridledger/protocol/crypto/international";
import { Fault } from "@gridledger/protocol/faults";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import {
  type GovernanceState,
  genesisGovernance,
} from "@gridledger/protocol/governance/governance-state";
import type { Constitution } from "@gridledger/protocol/governance/in-force";
import type { GovernancePolicy } from "@gridledger/protocol/governance/policy";
import type { Proposal } from "@gridledger/protocol/governance/proposal";
import {
  approve,
  endBlock,
  type GovernanceStep,
  proposalId,
  propose,
} from "@gridledger/protocol/governance/rules";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { inKeyOrder, type Validator } from "@gridledger/protocol/ledger/validators";
import { encodeStatus } from "@gridledger/protocol/messages/status";

const chainId = new Uint8Array(32).fill(9);
/** Hash of every block of the chain that the council stands on. */
const chainHash = new Uint8Array(32).fill(8);
const people = Array.from({ length: 12 }, () => suite.signer(suite.generateKey()));
const signers = people.sort((a, b) => Buffer.compare(a.publicKey, b.publicKey));

/** Public key of person `i`: the first n are the validators, the others may join. */
export const keyOf = (i: number): Uint8Array => signers[i]!.publicKey;

const heartbeats = new Map<string, Uint8Array>();

export function heartbeatOf(i: number, height: number, headHash = chainHash): Uint8Array {
  const known = heartbeats.get(`${i} ${height} ${headHash[0]}`);
  if (known !== undefined) return known;
  const heartbeat = encodeStatus(suite, signers[i]!, chainId, {
    height,
    headHash,
    round: 0,
    bootId: new Uint8Array(8),
    poolSize: 0,
    timeMs: 1,
  });
  heartbeats.set(`${i} ${height} ${headHash[0]}`, heartbeat);
  return heartbeat;
}

export const nothing = new Uint8Array(0);

interface When {
  readonly expiresAtHeight?: number;
  readonly effectiveAtHeight?: number;
}

export function proposalOf(action: Action, when: When = {}): Proposal {
  const { effectiveAtHeight = 0 } = when;
  const last = effectiveAtHeight === 0 ? 1_000 : effectiveAtHeight - 1;
  const { expiresAtHeight = last } = when;
  return { action, effectiveAtHeight, expiresAtHeight, reason: "" };
}

export function removal(i: number, when: When = {}): Proposal {
  return proposalOf({ type: "remove", publicKey: keyOf(i) }, when);
}

export function addition(i: number, syncedHeight: number, when: When = {}): Proposal {
  const heartbeat = heartbeatOf(i, syncedHeight);
  return proposalOf({ type: "add", publicKey: keyOf(i), name: `v${i}`, heartbeat }, when);
}

export function replacement(
  i: number,
  by: number,
  syncedHeight: number,
  when: When = {},
): Proposal {
  const heartbeat = heartbeatOf(by, syncedHeight);
  const keys = { publicKey: keyOf(i), joiningKey: keyOf(by) };
  return proposalOf({ type: "replace", ...keys, name: `v${by}`, heartbeat }, when);
}

export const idOf = (proposal: Proposal): Uint8Array => proposalId(suite, proposal);

/** The pure rules on a state that is kept. */
export class Council {
  readonly constitution: Constitution;
  state: GovernanceState;
  height = 1;

  constructor(n: number, governance?: GovernancePolicy) {
    const policy = governance === undefined ? {} : { governance };
    const genesis = { engine: "poa", ...policy } as Chain["genesis"];
    const all = Array.from({ length: n }, (_, i) => ({ publicKey: keyOf(i), name: `v${i}` }));
    this.constitution = { validators: inKeyOrder(all), suite, genesis };
    this.state = genesisGovernance(this.constitution);
  }

  get validators(): readonly Validator[] {
    return this.state.inForce.membership.validators;
  }

  get size(): number {
    return this.validators.length;
  }

  propose(by: number, proposal: Proposal): string {
    return this.#take(propose(this.#context, this.state, keyOf(by), proposal));
  }

  approve(by: number, proposal: Proposal, heartbeat: Uint8Array = nothing): string {
    const approval = { proposalId: idOf(proposal), heartbeat };
    return this.#take(approve(this.#context, this.state, keyOf(by), approval));
  }

  /** Ends blocks until `height` is the next one; the types of what came into force. */
  advance(height = this.height + 1): string[] {
    const types: string[] = [];
    while (this.height < height) {
      const end = endBlock(this.state, this.height++);
      this.state = end.state;
      types.push(...end.executed.map(({ proposal }) => proposal.action.type));
    }
    return types;
  }

  get #context() {
    const blockHash = (height: number) => (height + 256 >= this.height ? chainHash : undefined);
    return { chain: { suite, chainId }, height: this.height, blockHash };
  }

  #take(step: GovernanceStep | Fault): string {
    if (step instanceof Fault) return step.code;
    this.state = step.state;
    return step.approved === undefined ? "open" : "approved";
  }
}
