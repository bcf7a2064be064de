import { decodeHeader, type Header } from "@gridledger/protocol/ledger/header";
import type { NamedBlock } from "@gridledger/protocol/messages/proposal";
import type { ProposedBlock } from "../ports.ts";

export function namedBlock(
  block: NamedBlock,
  blockHash: Uint8Array,
  header: Header = decodeHeader(block.encodedHeader),
): ProposedBlock {
  return { header, encodedHeader: block.encodedHeader, blockHash, txHashes: block.txHashes };
}
