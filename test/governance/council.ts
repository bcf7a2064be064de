import { international as suite } from "@gridledger/protocol/crypto/international";
import { Fault } from "@gridledger/protocol/faults";
import {
  type GovernanceState,
  genesisGovernance,
} from "@gridledger/protocol/governance/governance-state";
import type { GovernancePolicy } from "@gridledger/protocol/governance/policy";
import type { Proposal } from "@gridledger/protocol/governance/proposal";
import {
  approve,
  type GovernanceStep,
  proposalId,
  propose,
} from "@gridledger/protocol/governance/rules";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { inKeyOrder } from "@gridledger/protocol/ledger/validators";
import { encodeStatus } from "@gridledger/protocol/messages/status";

const chainId = new Uint8Array(32).fill(9);
const people = Array.from({ length: 12 }, () => suite.signer(suite.generateKey()));
const signers = people.sort((a, b) => Buffer.compare(a.publicKey, b.publicKey));

/** Public key of person `i`: the first n are the validators, the others may join. */
export const keyOf = (i: number): Uint8Array => signers[i]!.publicKey;

export function heartbeatOf(i: number, height: number): Uint8Array {
  return encodeStatus(suite, signers[i]!, chainId, {
    height,
    headHash: new Uint8Array(32),
    round: 0,
    bootId: new Uint8Array(8),
    poolSize: 0,
    timeMs: 1,
  });
}

export const nothing = new Uint8Array(0);

export function removal(i: number, expiresAtHeight = 1_000): Proposal {
  return {
    ...{ operation: "remove", publicKey: keyOf(i), joiningKey: nothing, name: "" },
    ...{ heartbeat: nothing, expiresAtHeight },
  };
}

export function addition(i: number, syncedHeight: number, expiresAtHeight = 1_000): Proposal {
  return {
    ...{ operation: "add", publicKey: keyOf(i), joiningKey: nothing, name: `v${i}` },
    ...{ heartbeat: heartbeatOf(i, syncedHeight), expiresAtHeight },
  };
}

export const idOf = (proposal: Proposal): Uint8Array => proposalId(suite, proposal);

/** The pure rules on a state that is kept. */
export class Council {
  readonly #chain: Pick<Chain, "suite" | "chainId" | "genesis">;
  state: GovernanceState;
  height = 1;

  constructor(n: number, governance?: GovernancePolicy) {
    const genesis = (governance === undefined ? {} : { governance }) as Chain["genesis"];
    this.#chain = { suite, chainId, genesis };
    const all = Array.from({ length: n }, (_, i) => ({ publicKey: keyOf(i), name: `v${i}` }));
    this.state = genesisGovernance({ validators: inKeyOrder(all) });
  }

  get size(): number {
    return this.state.membership.validators.length;
  }

  propose(by: number, proposal: Proposal): string {
    return this.#take(propose(this.#context, this.state, keyOf(by), proposal));
  }

  approve(by: number, proposal: Proposal, heartbeat: Uint8Array = nothing): string {
    const approval = { proposalId: idOf(proposal), heartbeat };
    return this.#take(approve(this.#context, this.state, keyOf(by), approval));
  }

  get #context() {
    return { chain: this.#chain, height: this.height };
  }

  #take(step: GovernanceStep | Fault): string {
    if (step instanceof Fault) return step.code;
    this.state = step.state;
    return step.executed === undefined ? "open" : "executed";
  }
}
