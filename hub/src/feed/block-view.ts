import type { BlockSummary } from "@gridledger/protocol/api/contract";
import { formatHex } from "@gridledger/protocol/hex";
import type { Header } from "@gridledger/protocol/ledger/header";
import type { Validator } from "@gridledger/protocol/ledger/validators";

interface BlockFacts {
  readonly header: Header;
  readonly hash: Uint8Array;
  readonly readings: number;
  readonly bytes: number;
}

/** The shape in which the console and the API show a block. */
export function blockSummary(block: BlockFacts, validators: readonly Validator[]): BlockSummary {
  const { header, hash, readings, bytes } = block;
  const { height, timeMs, txCount, proposer, round } = header;
  const name = validators[proposer]?.name ?? `validator ${proposer}`;
  const shown = { height, hash: formatHex(hash), timeMs, txCount, readings, bytes, round };
  return { ...shown, proposer: { index: proposer, name } };
}
