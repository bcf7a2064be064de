import { keccak256 } from "../contracts/keccak.ts";
import { Fault } from "../faults.ts";
import { encodeCall, wordOf } from "./abi-words.ts";

const PLACE = "placeOrder((bytes32,bytes32,uint32,bool,int256,int256))";
const CANCEL = "cancelOrder(bytes32)";
const MAX_CLIENT_ID_BYTES = 32;

/** What an owner of a meter wants of the market. */
export interface WantedOrder {
  /** The owner's own name of the order, 1 to 32 bytes of UTF-8; the same again is the same order. */
  readonly clientId: string;
  /** As the registry knows it. */
  readonly meter: string;
  /** Unix ms of the interval's begin ÷ its length. */
  readonly interval: number;
  readonly isBuy: boolean;
  readonly quantityWh: number;
  /** Smallest units per kWh. */
  readonly price: number;
}

/** @throws Fault CONTRACT_SHAPE for a client id that does not fit */
export function encodePlaceOrder(order: WantedOrder): Uint8Array {
  const { clientId, meter, interval, isBuy, quantityWh, price } = order;
  for (const value of [interval, quantityWh, price]) {
    if (Number.isSafeInteger(value)) continue;
    throw new Fault("CONTRACT_SHAPE", "interval, quantity and price are whole numbers");
  }
  const values = [clientIdBytes(clientId), meterId(meter), interval, isBuy, quantityWh, price];
  return encodeCall(PLACE, ...values);
}

export function encodeCancelOrder(clientId: string): Uint8Array {
  return encodeCall(CANCEL, clientIdBytes(clientId));
}

export function encodeClear(interval: number, maxOrders: number): Uint8Array {
  return encodeCall("clear(uint32,uint256)", interval, maxOrders);
}

export function encodeSettle(interval: number, from: number, count: number): Uint8Array {
  return encodeCall("settle(uint32,uint256,uint256)", interval, from, count);
}

export function encodeForget(interval: number, maxEntries: number): Uint8Array {
  return encodeCall("forget(uint32,uint256)", interval, maxEntries);
}

/** How the registry names a meter: 32 bytes. */
export function meterId(meter: string): Uint8Array {
  return keccak256(Buffer.from(meter));
}

/** An order's id: 32 bytes that follow from the account of who places it and the client id. */
export function orderId(owner: Uint8Array, clientId: string): Uint8Array {
  return orderIdOf(owner, clientIdBytes(clientId));
}

/** As `orderId`, of a client id as it stands in a call: 32 bytes. */
export function orderIdOf(owner: Uint8Array, clientId: Uint8Array): Uint8Array {
  return keccak256(Buffer.concat([wordOf(owner), clientId]));
}

/** What a call does to the market on behalf of its sender; undefined where it is none of these. */
export function readOrderCall(
  data: Uint8Array,
): { readonly action: "place" | "cancel"; readonly clientId: Uint8Array } | undefined {
  const starts = (signature: string, words: number) =>
    data.length === 4 + 32 * words &&
    Buffer.from(data.subarray(0, 4)).equals(encodeCall(signature).subarray(0, 4));
  const clientId = data.subarray(4, 36);
  if (starts(PLACE, 6)) return { action: "place", clientId };
  return starts(CANCEL, 1) ? { action: "cancel", clientId } : undefined;
}

function clientIdBytes(clientId: string): Uint8Array {
  const bytes = Buffer.from(clientId);
  if (bytes.length === 0 || bytes.length > MAX_CLIENT_ID_BYTES) {
    throw new Fault("CONTRACT_SHAPE", "a client id has 1 to 32 bytes");
  }
  const word = new Uint8Array(MAX_CLIENT_ID_BYTES);
  word.set(bytes);
  return word;
}
