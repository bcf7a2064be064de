import { ADDRESS_BYTES } from "../contracts/address.ts";

/** An address that ends in these two bytes and is zero before them. */
export function placeAt(number: number): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  new DataView(address.buffer).setUint16(ADDRESS_BYTES - 2, number);
  return address;
}
