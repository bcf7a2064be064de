import { accounts } from "@gridledger/protocol/contracts/account";
import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { identities } from "@gridledger/protocol/ledger/state";
import type { Head } from "../chain/head.ts";
import { StateView } from "../state/state-view.ts";
import type { Message } from "./contract-machine.ts";
import { intrinsicGas } from "./intrinsic-gas.ts";
import { machineOf } from "./machines.ts";

const NOBODY = { role: "application", publicKey: new Uint8Array(33), name: "" } as const;

/** What a call would come to in the next block; nothing of it stays. */
export function simulateCall(chain: Chain, head: Head, message: Message): ContractResult {
  const view = new StateView(head.tree);
  const { maxTransactionGas } = gasPolicyOf(chain);
  const asked = Math.min(message.gasLimit, maxTransactionGas);
  const gasLimit = Math.max(asked, intrinsicGas(message));
  const id = view.get(accounts, message.from)?.identityId ?? new Uint8Array(10);
  const sender = { id, identity: view.get(identities, id) ?? NOBODY };
  const at = { height: head.height + 1, timeMs: head.timeMs + 1, parentHash: head.hash };
  return machineOf(chain).run(view, { message: { ...message, gasLimit }, sender, at });
}
