import type { ReceiptProof, StateProof } from "@gridledger/protocol/api/contracts-contract";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { formatAddress } from "@gridledger/protocol/contracts/address";
import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import { receiptTree } from "@gridledger/protocol/contracts/receipt";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { type Handover, writeHandover } from "@gridledger/protocol/ledger/handover";
import { encodeSeal } from "@gridledger/protocol/ledger/seal";
import type { ProvenAccount } from "../index/contracts/contract-index.ts";
import type { StoredBlock } from "../index/query/block-queries.ts";

export const hexOf = (bytes: Uint8Array): string => `0x${formatHex(bytes)}`;
export const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

export function resultView({ outcome, gasUsed, output, outputBytes }: ContractResult) {
  const reason = outcome === "reverted" ? (revertReason(output) ?? null) : null;
  return { outcome, reason, gasUsed, output: hexOf(output), outputBytes };
}

interface ProofContext {
  readonly chain: Chain;
  readonly handoversTo: (height: number) => readonly Handover[];
}

function sealedPart({ chain, handoversTo }: ProofContext, block: StoredBlock) {
  const handovers = handoversTo(block.header.height).map((handover) =>
    base64url(writeHandover(new CborWriter(1_024), handover).finish()),
  );
  return {
    chainId: formatHex(chain.chainId),
    header: base64url(block.encodedHeader),
    seal: base64url(encodeSeal(block.seal)),
    handovers,
  };
}

export function stateProofView(
  context: ProofContext,
  { block, encoded, proof }: ProvenAccount,
): StateProof {
  return {
    format: "gridledger-state-proof/1",
    ...sealedPart(context, block),
    address: formatAddress(proof.address),
    ...(proof.slot === undefined ? {} : { slot: hexOf(proof.slot.slot) }),
    proof: base64url(encoded),
  };
}

export function receiptProofView(
  context: ProofContext,
  block: StoredBlock,
  receipts: readonly Uint8Array[],
  index: number,
): ReceiptProof {
  const tree = receiptTree(context.chain.suite.hash, receipts);
  return {
    format: "gridledger-receipt-proof/1",
    ...sealedPart(context, block),
    receipt: base64url(receipts[index]!),
    index,
    size: receipts.length,
    path: tree.path(index).map(formatHex),
  };
}
