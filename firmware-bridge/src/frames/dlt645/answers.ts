import { Fault } from "@gridledger/protocol/faults";
import { type DataIdentifier, decodeDi, formatDi } from "./data-identifier.ts";
import { controlFunction, type Dlt645Frame } from "./frame.ts";

/** Error word of an abnormal answer by bit, DL/T 645-2007 §7 and annex B. */
const errorBits = [
  "other error",
  "no such data",
  "wrong password or not authorised",
  "baud rate cannot be changed",
  "too many time zones of the year",
  "too many periods of the day",
  "too many tariffs",
  "reserved",
];

/** The data behind the identifier, and whether more follows. */
export interface DataAnswer {
  readonly bytes: Uint8Array;
  readonly hasMore: boolean;
}

/** True when the frame answers a request of this function to this address. */
export function isAnswerTo(frame: Dlt645Frame, address: string, functionCode: number): boolean {
  return (
    frame.isFromMeter &&
    frame.function === functionCode &&
    (/A/.test(address) || frame.address === address)
  );
}

/**
 * The data of an answer to read data, or to read what follows, whose last byte repeats the sequence.
 * Null when it answers another identifier.
 *
 * @throws Fault DLT645_REFUSED, DLT645_DATA
 */
export function dataAnswer(
  frame: Dlt645Frame,
  di: DataIdentifier,
  sequence: number,
): DataAnswer | null {
  refuseError(frame, formatDi(di));
  const answered = decodeDi(frame.data);
  if (answered === null) throw new Fault("DLT645_DATA", "the answer has no data identifier");
  if (answered !== di) return null;
  if (frame.function === controlFunction.readData) {
    return { bytes: frame.data.subarray(4), hasMore: frame.hasMore };
  }
  if (frame.data.length < 5) throw new Fault("DLT645_DATA", "the answer has no sequence number");
  if (frame.data.at(-1) !== sequence) return null;
  return { bytes: frame.data.subarray(4, -1), hasMore: frame.hasMore };
}

/** The 12 digits in the data of an answer to read address. @throws Fault DLT645_REFUSED, DLT645_DATA */
export function addressAnswer(frame: Dlt645Frame): string {
  refuseError(frame, "read address");
  const address = Buffer.from(frame.data).reverse().toString("hex");
  if (!/^\d{12}$/.test(address)) throw new Fault("DLT645_DATA", "the address is not 12 digits");
  return address;
}

function refuseError(frame: Dlt645Frame, asked: string): void {
  if (!frame.isError) return;
  const word = frame.data[0] ?? 0;
  const reasons = errorBits.filter((_, bit) => (word >> bit) & 1);
  throw new Fault("DLT645_REFUSED", `${asked}: ${reasons.join(", ") || "no reason given"}`, {
    data: { meter: frame.address, word },
  });
}
