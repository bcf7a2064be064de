import { receiptRoot } from "@gridledger/protocol/contracts/receipt";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { HeaderRules } from "../consensus/ports.ts";
import type { Execution } from "../state/executor.ts";
import type { PreparedTransaction } from "../state/prepared-transaction.ts";
import { StateView } from "../state/state-view.ts";
import { type Head, validatorsAfter } from "./head.ts";

/** How far a proposer's clock may be ahead of ours; gateways without a battery clock drift. */
const MAX_SKEW_MS = 15_000;

function refuse(detail: string): Fault {
  return new Fault("BLOCK_INVALID", detail);
}

/** What a header must say on this head, whatever it holds. */
export function checkHeader(
  chain: Chain,
  rules: HeaderRules,
  head: Head,
  header: Header,
): Fault | undefined {
  const { validators, hash: validatorsHash } = head.validators;
  if (header.height !== head.height + 1) {
    return refuse(`height ${header.height} on head ${head.height}`);
  }
  if (!equalBytes(header.parentHash, head.hash)) return refuse("another parent");
  if (!equalBytes(header.validatorsHash, validatorsHash)) return refuse("another validator set");
  if (header.proposer >= validators.length) return refuse(`no validator ${header.proposer}`);
  const { maxBlockTransactions } = chain.genesis.policy;
  if (header.txCount > maxBlockTransactions) {
    return refuse(`${header.txCount} transactions, at most ${maxBlockTransactions}`);
  }
  const { maxBlockGas } = gasPolicyOf(chain);
  if (header.gasUsed > maxBlockGas) return refuse(`gas ${header.gasUsed}, at most ${maxBlockGas}`);
  return rules.check(head, header);
}

/** The rule of the wall clock: only for a block that is proposed for the first time. */
export function checkFreshness(header: Header, nowMs: number): Fault | undefined {
  if (header.timeMs <= nowMs + MAX_SKEW_MS) return undefined;
  return refuse(`the time is ${header.timeMs - nowMs} ms ahead of this node's clock`);
}

/** The names of the transactions against the header. */
export function checkTransactionHashes(
  { suite }: Chain,
  header: Header,
  txHashes: readonly Uint8Array[],
): Fault | undefined {
  if (txHashes.length !== header.txCount) {
    return refuse(`${txHashes.length} transactions, the header says ${header.txCount}`);
  }
  const { root } = new MerkleTree(suite.hash, txHashes);
  return equalBytes(root, header.txRoot) ? undefined : refuse("another transaction root");
}

export function checkSize(
  { genesis }: Chain,
  transactions: readonly PreparedTransaction[],
): Fault | undefined {
  let bytes = 0;
  for (const { encoded } of transactions) bytes += encoded.length;
  const { maxBlockBytes } = genesis.policy;
  return bytes <= maxBlockBytes ? undefined : refuse(`${bytes} bytes, at most ${maxBlockBytes}`);
}

/** What the transactions have made: receipts, the state, and by it the validators of the next height. */
export function checkOutcome(
  chain: Chain,
  header: Header,
  { tree, receipts, gasUsed }: Execution,
): Fault | undefined {
  if (gasUsed !== header.gasUsed)
    return refuse(`gas ${gasUsed}, the header says ${header.gasUsed}`);
  if (!equalBytes(receiptRoot(chain.suite.hash, receipts), header.receiptRoot)) {
    return refuse("another receipt root");
  }
  if (!equalBytes(tree.root, header.stateRoot)) return refuse("another state root");
  const { hash } = validatorsAfter(chain, new StateView(tree));
  return equalBytes(hash, header.nextValidatorsHash)
    ? undefined
    : refuse("another next validator set");
}
