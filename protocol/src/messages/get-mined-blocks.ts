import { MAX_VALIDATOR_INDEX } from "../ledger/vote.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

/**
 * Asks one validator for a block that is not final yet and those before it, above a height:
 * `[version, 25, to, blockHash, aboveHeight]`. The answer is one `minedBlock` each, the lowest first.
 */
export interface GetMinedBlocks {
  /** Index of the validator that is asked. */
  readonly to: number;
  readonly blockHash: Uint8Array;
  /** The last height that is final for whoever asks. */
  readonly aboveHeight: number;
}

export function encodeGetMinedBlocks({ to, blockHash, aboveHeight }: GetMinedBlocks): Uint8Array {
  const writer = startMessage(messageType.getMinedBlocks, 5, 64);
  return writer.uint(to).bytes(blockHash).uint(aboveHeight).finish();
}

/** @throws Fault CBOR_* */
export function decodeGetMinedBlocks(encoded: Uint8Array): GetMinedBlocks {
  const reader = openMessage(encoded, {
    name: "getMinedBlocks",
    type: messageType.getMinedBlocks,
    items: 5,
    maxBytes: 128,
  });
  const to = reader.uint("to", MAX_VALIDATOR_INDEX);
  const blockHash = reader.fixedBytes("blockHash", 32);
  const request = { to, blockHash, aboveHeight: reader.uint("aboveHeight") };
  reader.end();
  return request;
}
