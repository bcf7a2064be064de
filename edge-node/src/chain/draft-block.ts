import { receiptRoot } from "@gridledger/protocol/contracts/receipt";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import {
  encodeHeader,
  type Header,
  headerHash,
  plainHeader,
} from "@gridledger/protocol/ledger/header";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { ProposedBlock } from "../consensus/ports.ts";
import type { Execution } from "../state/executor.ts";
import { StateView } from "../state/state-view.ts";
import { type Head, validatorsAfter } from "./head.ts";

type DraftFields = Pick<Header, "proposer" | "round" | "timeMs"> &
  Partial<Pick<Header, "engineData">>;

/** The block that these transactions make on a head. */
export function draftBlock(
  chain: Chain,
  head: Head,
  fields: DraftFields,
  txHashes: readonly Uint8Array[],
  { tree, receipts, gasUsed }: Execution,
): ProposedBlock {
  const { hash } = chain.suite;
  const header: Header = {
    height: head.height + 1,
    parentHash: head.hash,
    txRoot: new MerkleTree(hash, txHashes).root,
    stateRoot: tree.root,
    validatorsHash: head.validators.hash,
    nextValidatorsHash: validatorsAfter(chain, new StateView(tree)).hash,
    txCount: txHashes.length,
    ...plainHeader,
    receiptRoot: receiptRoot(hash, receipts),
    gasUsed,
    ...fields,
  };
  const encodedHeader = encodeHeader(header);
  return { header, encodedHeader, blockHash: headerHash(hash, encodedHeader), txHashes };
}
