import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { type CorrectionReason, reasonName, reasonNumber } from "./correction-reason.ts";
import { growsOnly } from "./findings.ts";
import { formatObis, parseObis, unitName, unitNumber } from "./obis.ts";
import { MAX_METER_BYTES, MAX_REGISTERS_PER_BATCH } from "./reading-batch.ts";
import { isSameStanding, readStanding, type StandingValue, writeStanding } from "./value-status.ts";

/** Of one correction; they stand in one batch. */
export const MAX_CORRECTED_VALUES = 512;
const MAX_WORDS_BYTES = 512;
const MAX_ORIGINAL_BYTES = 262_144;
const MAX_AGREEMENT_BYTES = 512;
const PURPOSE = "correction";

/** One value at one time: as it stands, and as it shall. */
export interface CorrectedValue {
  readonly timeMs: number;
  readonly old: StandingValue;
  /** Never "original". */
  readonly fresh: StandingValue;
}

export interface CorrectedRegister {
  readonly obis: string;
  readonly unit: string;
  readonly scaler: number;
  /** In the order of time. */
  readonly values: readonly CorrectedValue[];
}

/** What is said of the readings of one batch (guide §4.4.1 a): the batch itself never changes. */
export interface CorrectionContent {
  readonly meter: string;
  /** 1 for the meter's first correction, then one more each. */
  readonly number: number;
  /** Hash of the content of the meter's correction before; 32 zero bytes for the first. */
  readonly previousHash: Uint8Array;
  /** Of the batch. */
  readonly sequence: number;
  readonly reason: CorrectionReason;
  /** What happened, for whoever asks later. */
  readonly words: string;
  readonly registers: readonly CorrectedRegister[];
  /** `ledger/original`: the batch and its proof. */
  readonly original: Uint8Array;
}

/** `[content, agreement or null]`. */
export interface Correction {
  readonly content: CorrectionContent;
  /** The content's bytes: what its number is hashed of, and what somebody else agrees to. */
  readonly encodedContent: Uint8Array;
  /** COSE_Sign1 of somebody else over `agreedBytes`: four eyes see more than two. */
  readonly agreement: Uint8Array | undefined;
}

/**
 * `[meter, number, previousHash, sequence, reason, words, registers, original]`, a register is
 * `[obis, unit, scaler, [[timeMs, old, fresh] …]]`.
 *
 * @throws Fault CORRECTION_SHAPE, CORRECTION_VALUE, BATCH_SHAPE
 */
export function encodeContent(content: CorrectionContent): Uint8Array {
  validate(content);
  const { meter, number, previousHash, sequence, reason, words, registers, original } = content;
  const writer = new CborWriter(original.length + 1_024).array(8).text(meter).uint(number);
  writer.bytes(previousHash).uint(sequence).uint(reasonNumber(reason)).text(words);
  writer.array(registers.length);
  for (const { obis, unit, scaler, values } of registers) {
    writer.array(4).bytes(parseObis(obis)).uint(unitNumber(unit)).int(scaler).array(values.length);
    for (const { timeMs, old, fresh } of values) {
      writeStanding(writeStanding(writer.array(3).uint(timeMs), old), fresh);
    }
  }
  return writer.bytes(original).finish();
}

export function encodeCorrection({ encodedContent, agreement }: Omit<Correction, "content">) {
  const writer = new CborWriter(encodedContent.length + 256).array(2).raw(encodedContent);
  return (agreement === undefined ? writer.null() : writer.bytes(agreement)).finish();
}

/** @throws Fault CBOR_*, CORRECTION_SHAPE, CORRECTION_VALUE, BATCH_SHAPE */
export function decodeCorrection(encoded: Uint8Array): Correction {
  const reader = new CborReader(encoded);
  reader.tuple("correction", 2);
  const encodedContent = reader.raw("content");
  const isAlone = reader.isNull;
  if (isAlone) reader.null("agreement");
  const agreement = isAlone ? undefined : reader.bytes("agreement", MAX_AGREEMENT_BYTES);
  reader.end();
  return { content: decodeContent(encodedContent), encodedContent, agreement };
}

/** @throws Fault CBOR_*, CORRECTION_SHAPE, CORRECTION_VALUE, BATCH_SHAPE */
export function decodeContent(encoded: Uint8Array): CorrectionContent {
  const reader = new CborReader(encoded);
  reader.tuple("correction content", 8);
  const head = {
    meter: reader.text("meter", MAX_METER_BYTES),
    number: reader.uint("number"),
    previousHash: reader.fixedBytes("previousHash", 32),
    sequence: reader.uint("sequence"),
    reason: reasonName(reader.uint("reason")),
    words: reader.text("words", MAX_WORDS_BYTES),
  };
  const registers: CorrectedRegister[] = [];
  for (let left = reader.array("registers", MAX_REGISTERS_PER_BATCH); left > 0; left--) {
    registers.push(readRegister(reader));
  }
  const content = { ...head, registers, original: reader.bytes("original", MAX_ORIGINAL_BYTES) };
  reader.end();
  validate(content);
  return content;
}

/** What somebody else signs who agrees. @param contentHash of `encodedContent` */
export function agreedBytes(contentHash: Uint8Array): Uint8Array {
  return new CborWriter(64).array(2).text(PURPOSE).bytes(contentHash).finish();
}

function readRegister(reader: CborReader): CorrectedRegister {
  reader.tuple("register", 4);
  const obis = formatObis(reader.fixedBytes("obis", 6));
  const unit = unitName(reader.uint("unit", 255));
  const scaler = reader.int("scaler");
  const values: CorrectedValue[] = [];
  for (let left = reader.array("values", MAX_CORRECTED_VALUES); left > 0; left--) {
    reader.tuple("value", 3);
    const timeMs = reader.uint("time");
    values.push({ timeMs, old: readStanding(reader, "old"), fresh: readStanding(reader, "new") });
  }
  return { obis, unit, scaler, values };
}

function validate({ meter, number, sequence, words, registers }: CorrectionContent): void {
  if (!/^[\x21-\x7e]{1,48}$/.test(meter))
    refuse("meter must be 1 to 48 printable ASCII characters");
  if (number < 1 || sequence < 1) refuse("numbers start at 1");
  if (words.trim() === "" || Buffer.byteLength(words) > MAX_WORDS_BYTES) {
    refuse(`words: 1 to ${MAX_WORDS_BYTES} bytes`);
  }
  const count = registers.reduce((sum, { values }) => sum + values.length, 0);
  if (count < 1 || count > MAX_CORRECTED_VALUES) refuse(`1 to ${MAX_CORRECTED_VALUES} values`);
  if (new Set(registers.map(({ obis }) => obis)).size !== registers.length) {
    refuse("a register stands twice");
  }
  for (const register of registers) validateRegister(register);
}

function validateRegister(register: CorrectedRegister): void {
  const { scaler, values } = register;
  if (Math.abs(scaler) > 9) refuse("scaler must be −9 … 9");
  if (values.length === 0) refuse("a register without a value");
  let last = -1;
  for (const { timeMs, old, fresh } of values) {
    if (timeMs <= last) refuse("times must ascend");
    last = timeMs;
    if (fresh.status === "original") refuse("a new value is corrected, estimated or void");
    const problem = problemOf(register, old, fresh);
    if (problem === undefined) continue;
    throw new Fault("CORRECTION_VALUE", `${register.obis} at ${timeMs}: ${problem}`);
  }
}

function problemOf(
  register: CorrectedRegister,
  old: StandingValue,
  { status, value }: StandingValue,
): string | undefined {
  const isRepeated = old.value === value && status === "corrected" && old.status === "original";
  if (isRepeated || isSameStanding(old, { status, value })) return "it stands so already";
  if (value === null) return undefined;
  if (value < 0 && growsOnly(register)) return "a register that counts is never below zero";
  const units = Math.abs(value) * 10 ** register.scaler;
  return units > Number.MAX_SAFE_INTEGER ? "too large to count with" : undefined;
}

function refuse(detail: string): never {
  throw new Fault("CORRECTION_SHAPE", detail);
}
