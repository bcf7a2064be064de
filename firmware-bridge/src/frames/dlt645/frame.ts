import { Fault } from "@gridledger/protocol/faults";

/** Control codes, DL/T 645-2007 §5.2.4 and §7: bits 4–0 are the function. */
export const controlFunction = { readData: 0x11, readFollowUp: 0x12, readAddress: 0x13 } as const;

/** Functions that only DL/T 645-1997 has: read, read on, write, set address, baud, password. */
const functionsOf1997 = new Set([0x01, 0x02, 0x04, 0x0a, 0x0c, 0x0f]);

/** Longest data field of a read answer, DL/T 645-2007 §5.2.5. */
export const MAX_DATA_BYTES = 200;
/** 68 address 68 control length … checksum 16. */
export const OVERHEAD_BYTES = 12;
const START = 0x68;
const STOP = 0x16;
/** Added to every data byte on the line, §5.2.6. */
const MASK = 0x33;

/** The address that every meter on the bus answers to. */
export const ANY_ADDRESS = "AAAAAAAAAAAA";

export interface Dlt645Frame {
  /** 12 digits, as printed on the meter. */
  readonly address: string;
  /** Bits 4–0 of the control code. */
  readonly function: number;
  readonly isFromMeter: boolean;
  readonly isError: boolean;
  /** More data follows; ask for it with `readFollowUp`. */
  readonly hasMore: boolean;
  /** The data without the mask. */
  readonly data: Uint8Array;
}

/** §5.2.7: the sum of all bytes from the first 68 on, modulo 256. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum & 0xff;
}

/** @throws Fault DLT645_FRAME when the address is not 12 digits (or AA) or the data is too long */
export function encodeFrame(frame: Dlt645Frame): Uint8Array {
  if (!/^(?:\d\d|AA){6}$/.test(frame.address)) {
    throw new Fault("DLT645_FRAME", `a meter address has 12 digits, "${frame.address}" does not`);
  }
  const length = frame.data.length;
  if (length > MAX_DATA_BYTES) throw new Fault("DLT645_FRAME", `${length} bytes of data`);
  const bytes = new Uint8Array(OVERHEAD_BYTES + length);
  bytes[0] = START;
  bytes.set(Buffer.from(frame.address, "hex").reverse(), 1);
  bytes[7] = START;
  bytes[8] =
    frame.function |
    (frame.isFromMeter ? 0x80 : 0) |
    (frame.isError ? 0x40 : 0) |
    (frame.hasMore ? 0x20 : 0);
  bytes[9] = length;
  for (let i = 0; i < length; i++) bytes[10 + i] = frame.data[i]! + MASK;
  bytes[10 + length] = checksum(bytes.subarray(0, 10 + length));
  bytes[11 + length] = STOP;
  return bytes;
}

/**
 * Reads one whole frame, without wake-up bytes.
 *
 * @throws Fault DLT645_FRAME, DLT645_CHECKSUM, DLT645_1997
 */
export function decodeFrame(bytes: Uint8Array): Dlt645Frame {
  const length = bytes[9] ?? 0;
  const isFramed =
    bytes[0] === START &&
    bytes[7] === START &&
    length <= MAX_DATA_BYTES &&
    bytes.length === OVERHEAD_BYTES + length &&
    bytes[bytes.length - 1] === STOP;
  if (!isFramed) throw new Fault("DLT645_FRAME");
  const computed = checksum(bytes.subarray(0, 10 + length));
  const sent = bytes[10 + length]!;
  if (computed !== sent) {
    throw new Fault(
      "DLT645_CHECKSUM",
      `the frame says ${hex(sent)}, its bytes give ${hex(computed)}`,
    );
  }
  const control = bytes[8]!;
  if (functionsOf1997.has(control & 0x1f)) throw new Fault("DLT645_1997");
  return {
    address: Buffer.from(bytes.slice(1, 7)).reverse().toString("hex").toUpperCase(),
    function: control & 0x1f,
    isFromMeter: (control & 0x80) !== 0,
    isError: (control & 0x40) !== 0,
    hasMore: (control & 0x20) !== 0,
    data: bytes.slice(10, 10 + length).map((byte) => byte - MASK),
  };
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
