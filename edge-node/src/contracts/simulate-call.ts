import { accounts } from "@gridledger/protocol/contracts/account";
import { boundAccounts } from "@gridledger/protocol/contracts/account-binding";
import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { identities } from "@gridledger/protocol/ledger/state";
import type { Head } from "../chain/head.ts";
import { type StateReader, StateView } from "../state/state-view.ts";
import type { Message } from "./contract-machine.ts";
import { intrinsicGas } from "./intrinsic-gas.ts";
import { machineOf } from "./machines.ts";

const NOBODY = { role: "application", publicKey: new Uint8Array(33), name: "" } as const;

/** What a call would come to in the next block; nothing of it stays. */
export function simulateCall(
  chain: Chain,
  head: Pick<Head, "height" | "timeMs" | "hash" | "tree">,
  message: Message,
): ContractResult {
  const view = new StateView(head.tree);
  const { maxTransactionGas } = gasPolicyOf(chain);
  const asked = Math.min(message.gasLimit, maxTransactionGas);
  const gasLimit = Math.max(asked, intrinsicGas(message));
  const id = identityOf(view, message.from);
  const sender = { id, identity: view.get(identities, id) ?? NOBODY };
  const at = { height: head.height + 1, timeMs: head.timeMs + 1, parentHash: head.hash };
  return machineOf(chain).run(view, { message: { ...message, gasLimit }, sender, at });
}

/** Whose account it is: an Ethereum account's identity, or an identity's own account. */
function identityOf(state: StateReader, address: Uint8Array): Uint8Array {
  const owner = state.get(boundAccounts, address) ?? state.get(accounts, address);
  return owner?.identityId ?? new Uint8Array(10);
}
