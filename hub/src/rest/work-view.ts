import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeHeader, type Header, headerHash } from "@gridledger/protocol/ledger/header";
import type { Confirmation } from "@gridledger/protocol/ledger/seal";
import { readWork, workTarget } from "@gridledger/protocol/ledger/work";

type BlockDetail = RouteAnswer<"block">;

/** What a block of a `pow` chain took (guide §4.2.1). */
export function workView(header: Header): NonNullable<BlockDetail["work"]> {
  const { difficulty, nextDifficulty, nonce } = readWork(header);
  return {
    ...{ difficulty, nextDifficulty },
    target: formatHex(workTarget(difficulty)),
    nonce: formatHex(nonce),
    // Miners count nonces up from zero.
    hashesTried: Number(Buffer.from(nonce).readBigUInt64BE()) + 1,
  };
}

export function confirmationView(
  hash: Hash,
  { encodedHeader }: Confirmation,
): BlockDetail["seal"]["confirmations"][number] {
  const header = decodeHeader(encodedHeader);
  const { difficulty } = readWork(header);
  return { height: header.height, hash: formatHex(headerHash(hash, encodedHeader)), difficulty };
}
