import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { formatObis, parseObis, unitName, unitNumber } from "./obis.ts";

export const MAX_READINGS_PER_BATCH = 1_024;
export const MAX_REGISTERS_PER_BATCH = 64;
export const MAX_METER_BYTES = 48;

/** One register's column: `values[i] · 10^scaler unit` at `timesMs[i]`. */
export interface RegisterColumn {
  /** `A-B:C.D.E` or `A-B:C.D.E*F`. */
  readonly obis: string;
  /** DLMS unit name, e.g. "Wh", "W", "V". */
  readonly unit: string;
  /** Power of ten, −9 … 9. */
  readonly scaler: number;
  /** Safe integers; null where the meter gave no value. */
  readonly values: readonly (number | null)[];
}

/** A run of readings of one meter, guide §4.4.1 a). */
export interface ReadingBatch {
  readonly meter: string;
  /** 1 for the meter's first batch, then one more each: a missing batch is visible. */
  readonly sequence: number;
  /** Hash of the payload of the batch before, 32 bytes; 32 zero bytes for the first. */
  readonly previousHash: Uint8Array;
  /** Unix time of each reading in ms, ascending. */
  readonly timesMs: readonly number[];
  readonly registers: readonly RegisterColumn[];
}

/**
 * `[meter, sequence, previousHash, times, [[obis, unit, scaler, values] …]]`. Times are the first
 * value, its first difference, then differences of differences: a steady interval costs one byte a
 * reading. Values are the first value, then differences between values that are there.
 *
 * @throws Fault BATCH_SHAPE
 */
export function encodeReadingBatch(batch: ReadingBatch): Uint8Array {
  validateBatch(batch);
  const writer = new CborWriter(128 + batch.timesMs.length * (batch.registers.length + 1) * 3);
  writer.array(5).text(batch.meter).uint(batch.sequence).bytes(batch.previousHash);
  writer.array(batch.timesMs.length);
  writeTimes(writer, batch.timesMs);
  writer.array(batch.registers.length);
  for (const register of batch.registers) {
    writer.array(4).bytes(parseObis(register.obis));
    writer.uint(unitNumber(register.unit)).int(register.scaler).array(register.values.length);
    writeValues(writer, register.values);
  }
  return writer.finish();
}

/** @throws Fault CBOR_* or BATCH_SHAPE */
export function decodeReadingBatch(encoded: Uint8Array): ReadingBatch {
  const reader = new CborReader(encoded);
  reader.tuple("reading batch", 5);
  const meter = reader.text("meter", MAX_METER_BYTES);
  const sequence = reader.uint("sequence");
  const previousHash = reader.fixedBytes("previousHash", 32);
  const timesMs = readTimes(reader);
  const registers: RegisterColumn[] = [];
  for (let left = reader.array("registers", MAX_REGISTERS_PER_BATCH); left > 0; left--) {
    registers.push(readRegister(reader, timesMs.length));
  }
  reader.end();
  const batch = { meter, sequence, previousHash, timesMs, registers };
  validateBatch(batch);
  return batch;
}

/** What a validator needs of a batch: read without the columns. */
export interface ReadingBatchHead {
  readonly meter: string;
  readonly sequence: number;
  readonly previousHash: Uint8Array;
}

/** The head alone, for code that looks the meter up before it decodes the rest. */
export function decodeReadingBatchHead(encoded: Uint8Array): ReadingBatchHead {
  const reader = new CborReader(encoded);
  reader.tuple("reading batch", 5);
  const meter = reader.text("meter", MAX_METER_BYTES);
  const sequence = reader.uint("sequence");
  return { meter, sequence, previousHash: reader.fixedBytes("previousHash", 32) };
}

function writeTimes(writer: CborWriter, timesMs: readonly number[]): void {
  let last = 0;
  let step = 0;
  for (const [i, timeMs] of timesMs.entries()) {
    const difference = timeMs - last;
    writer.int(i < 2 ? difference : difference - step);
    step = difference;
    last = timeMs;
  }
}

function readTimes(reader: CborReader): number[] {
  const count = reader.array("times", MAX_READINGS_PER_BATCH);
  const timesMs: number[] = [];
  let last = 0;
  let step = 0;
  for (let i = 0; i < count; i++) {
    const written = reader.int("time");
    step = i < 2 ? written : step + written;
    last += step;
    timesMs.push(last);
  }
  return timesMs;
}

function writeValues(writer: CborWriter, values: readonly (number | null)[]): void {
  let last = 0;
  for (const value of values) {
    if (value === null) {
      writer.null();
    } else {
      writer.int(value - last);
      last = value;
    }
  }
}

function readRegister(reader: CborReader, readings: number): RegisterColumn {
  reader.tuple("register", 4);
  const obis = formatObis(reader.fixedBytes("obis", 6));
  const unit = unitName(reader.uint("unit", 255));
  const scaler = reader.int("scaler");
  reader.tuple("values", readings);
  const values: (number | null)[] = [];
  let last = 0;
  for (let i = 0; i < readings; i++) {
    if (reader.isNull) {
      reader.null("value");
      values.push(null);
    } else {
      last += reader.int("value");
      values.push(last);
    }
  }
  return { obis, unit, scaler, values };
}

function refuse(detail: string): never {
  throw new Fault("BATCH_SHAPE", detail);
}

function validateBatch(batch: ReadingBatch): void {
  if (!/^[\x21-\x7e]{1,48}$/.test(batch.meter))
    refuse("meter must be 1 to 48 printable ASCII characters");
  if (!(Number.isSafeInteger(batch.sequence) && batch.sequence >= 1))
    refuse("sequence starts at 1");
  if (batch.previousHash.length !== 32) refuse("previousHash has 32 bytes");
  const count = batch.timesMs.length;
  if (count < 1 || count > MAX_READINGS_PER_BATCH) {
    refuse(`a batch has 1 to ${MAX_READINGS_PER_BATCH} readings`);
  }
  if (batch.registers.length < 1 || batch.registers.length > MAX_REGISTERS_PER_BATCH) {
    refuse(`a batch has 1 to ${MAX_REGISTERS_PER_BATCH} registers`);
  }
  let last = -1;
  for (const timeMs of batch.timesMs) {
    if (!Number.isSafeInteger(timeMs) || timeMs <= last) refuse("times must ascend");
    last = timeMs;
  }
  for (const register of batch.registers) validateRegister(register, count);
  const names = new Set(batch.registers.map((register) => register.obis));
  if (names.size !== batch.registers.length) refuse("a register stands twice");
}

function validateRegister(register: RegisterColumn, readings: number): void {
  if (!(Number.isInteger(register.scaler) && Math.abs(register.scaler) <= 9)) {
    refuse("scaler must be −9 … 9");
  }
  if (register.values.length !== readings) refuse("every register has one value a reading");
  for (const value of register.values) {
    if (value !== null && !Number.isSafeInteger(value)) refuse("values must be safe integers");
  }
}
