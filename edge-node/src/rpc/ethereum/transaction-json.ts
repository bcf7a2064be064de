import { addressOf, evmChainId } from "@gridledger/protocol/contracts/address";
import { decodeContractCall } from "@gridledger/protocol/contracts/call";
import { decodeDeployment } from "@gridledger/protocol/contracts/deployment";
import { recoverAddress } from "@gridledger/protocol/contracts/ethereum-keys";
import {
  decodeCarried,
  decodeEthereumTransaction,
  type EthereumTransaction,
} from "@gridledger/protocol/contracts/ethereum-transaction";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { identities } from "@gridledger/protocol/ledger/state";
import { decodeTransaction, type Transaction } from "@gridledger/protocol/ledger/transaction";
import type { StateReader } from "../../state/state-view.ts";
import type { ContractBlock, PlacedTransaction } from "./block-reader.ts";
import { toData, toQuantity } from "./shapes.ts";

const WORD = 32;
/** A transaction of kind 10 or 11 is signed by the channel's suite: Ethereum has no field for it. */
const NO_SIGNATURE = {
  v: "0x1b",
  r: toData(new Uint8Array(WORD)),
  s: toData(new Uint8Array(WORD)),
};

interface Parties {
  readonly from: string;
  readonly to: string | null;
}

/** Who sent a contract transaction to whom, of whatever kind. */
export function partiesOf(chain: Chain, state: StateReader, encoded: Uint8Array): Parties {
  const transaction = decodeTransaction(chain.suite, encoded);
  if (transaction.kind === kind.ethereum) return rawParties(rawOf(transaction));
  const to =
    transaction.kind === kind.contractCall ? decodeContractCall(transaction.payload).to : null;
  return { from: ownAddress(chain, state, transaction), to: to && toData(to) };
}

/** A transaction as programs of Ethereum read it. */
export function transactionJson(
  chain: Chain,
  state: StateReader,
  block: ContractBlock,
  { encoded, name, index }: PlacedTransaction,
): object {
  const transaction = decodeTransaction(chain.suite, encoded);
  const place = {
    hash: toData(name),
    blockHash: toData(block.hash),
    blockNumber: toQuantity(block.header?.height ?? 0),
    transactionIndex: toQuantity(index),
    value: "0x0",
  };
  if (transaction.kind === kind.ethereum) return { ...place, ...rawJson(rawOf(transaction)) };
  return { ...place, ...ownJson(chain, state, transaction) };
}

function rawOf({ payload }: Transaction): EthereumTransaction {
  return decodeEthereumTransaction(decodeCarried(payload));
}

function rawParties({ signingHash, signature, to }: EthereumTransaction): Parties {
  return { from: toData(recoverAddress(signingHash, signature)), to: to ? toData(to) : null };
}

function rawJson(raw: EthereumTransaction): object {
  const { type, chainId, nonce, gasLimit, data, maxFee, maxPriorityFee, signature } = raw;
  const { r, s, yParity } = signature;
  const accessList = raw.accessList.map(({ address, slots }) => ({
    address: toData(address),
    storageKeys: slots.map(toData),
  }));
  const fees = {
    maxFeePerGas: toQuantity(maxFee),
    maxPriorityFeePerGas: toQuantity(maxPriorityFee),
  };
  return {
    ...rawParties(raw),
    ...{ type: toQuantity(type), chainId: toQuantity(chainId), nonce: toQuantity(nonce) },
    ...{ gas: toQuantity(gasLimit), input: toData(data) },
    // Of two fees nothing is paid either; of one the program finds what it signed.
    gasPrice: toQuantity(type === 2 ? 0n : maxFee),
    ...(type === 2 ? fees : {}),
    ...(type === 0 ? {} : { accessList, yParity: toQuantity(yParity) }),
    v: toQuantity(type === 0 ? chainId * 2 + 35 + yParity : yParity),
    ...{ r: toQuantity(r), s: toQuantity(s) },
  };
}

function ownJson(chain: Chain, state: StateReader, transaction: Transaction): object {
  const { payload } = transaction;
  const call = transaction.kind === kind.contractCall ? decodeContractCall(payload) : undefined;
  const { initCode, gasLimit } = call
    ? { initCode: call.data, gasLimit: call.gasLimit }
    : decodeDeployment(payload);
  return {
    ...{ from: ownAddress(chain, state, transaction), to: call ? toData(call.to) : null },
    ...{ type: "0x0", chainId: toQuantity(evmChainId(chain.chainId)), nonce: "0x0" },
    ...{ gas: toQuantity(gasLimit), input: toData(initCode), gasPrice: "0x0" },
    ...NO_SIGNATURE,
  };
}

function ownAddress({ suite }: Chain, state: StateReader, { sender }: Transaction): string {
  const identity = state.get(identities, sender);
  return toData(identity ? addressOf(suite.hash, identity.publicKey) : new Uint8Array(20));
}
