import { ADDRESS_BYTES } from "../contracts/address.ts";
import type { EventPlace } from "./contract-events.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

/** `[version, 32, address, height, index]`: asks the hub for a contract's events from a place on. */
export interface GetContractEvents {
  readonly address: Uint8Array;
  readonly from: EventPlace;
}

export function encodeGetContractEvents({ address, from }: GetContractEvents): Uint8Array {
  return startMessage(messageType.getContractEvents, 5, 48)
    .bytes(address)
    .uint(from.height)
    .uint(from.index)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeGetContractEvents(encoded: Uint8Array): GetContractEvents {
  const reader = openMessage(encoded, {
    name: "question for contract events",
    type: messageType.getContractEvents,
    items: 5,
    maxBytes: 64,
  });
  const address = reader.fixedBytes("address", ADDRESS_BYTES);
  const from = {
    height: reader.uint("height", Number.MAX_SAFE_INTEGER),
    index: reader.uint("index", 65_536),
  };
  reader.end();
  return { address, from };
}
