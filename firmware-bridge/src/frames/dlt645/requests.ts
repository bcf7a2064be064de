import { type DataIdentifier, encodeDi } from "./data-identifier.ts";
import { ANY_ADDRESS, controlFunction, encodeFrame } from "./frame.ts";

/** DL/T 645-2007 §5.1: up to four FE wake the receiver before a frame. */
const WAKE_UP = Uint8Array.of(0xfe, 0xfe, 0xfe, 0xfe);

/** §7.1.1 read data, control code 11. */
export function readDataRequest(address: string, di: DataIdentifier): Uint8Array {
  return request(address, controlFunction.readData, encodeDi(di));
}

/** §7.1.2 read the data that follows, control code 12; `sequence` 1 … 255. */
export function readFollowUpRequest(
  address: string,
  di: DataIdentifier,
  sequence: number,
): Uint8Array {
  return request(
    address,
    controlFunction.readFollowUp,
    Uint8Array.of(...encodeDi(di), sequence & 0xff),
  );
}

/** §7.3 read address, control code 13: for a bus with one meter. */
export function readAddressRequest(): Uint8Array {
  return request(ANY_ADDRESS, controlFunction.readAddress, new Uint8Array(0));
}

function request(address: string, functionCode: number, data: Uint8Array): Uint8Array {
  const frame = encodeFrame({
    address,
    function: functionCode,
    isFromMeter: false,
    isError: false,
    hasMore: false,
    data,
  });
  return Buffer.concat([WAKE_UP, frame]);
}
