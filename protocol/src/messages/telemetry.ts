import type { CborReader } from "../cbor/reader.ts";
import { Fault, type FaultCode, faultTable } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_TELEMETRY_BYTES = 2_048;
const MAX_REJECTION_CODES = 64;
const MAX_CODE_BYTES = 64;

/**
 * What a node says of itself for the console (guide §10.2), unsigned:
 * `[version, 15, rssBytes, cpuMicros, poolSize, diskBytes, bytesIn, bytesOut, startedMs, alarm, diskFreeBytes,
 * maxDiskBytes, firstHeight, syncFaults, warning, [[code, count] …]]`. Counters run from the start of the
 * process; `startedMs` tells a restart from a counter that stands still.
 */
export interface Telemetry {
  /** Resident memory of the process. */
  readonly rssBytes: number;
  /** User and system CPU time. */
  readonly cpuMicros: number;
  /** Transactions in the mempool. */
  readonly poolSize: number;
  /** Bytes of the node's files. */
  readonly diskBytes: number;
  /** MQTT bytes over all connections. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Unix time of the start in ms. */
  readonly startedMs: number;
  /** Why this validator signs nothing, "" while it does. Shown to people, decided on by nobody. */
  readonly alarm: FaultCode | "";
  /** Free on the file system that holds the node's files. */
  readonly diskFreeBytes: number;
  /** What the node may use by its configuration, 0 where that is not limited. */
  readonly maxDiskBytes: number;
  /** The lowest block that the node still holds. */
  readonly firstHeight: number;
  /** How often a peer was set aside while this node caught up. */
  readonly syncFaults: number;
  /** What wants somebody's attention while the node goes on, "" where nothing does. */
  readonly warning: FaultCode | "";
  /** Consensus messages that were refused, by code. */
  readonly rejections?: readonly (readonly [code: FaultCode, count: number])[];
}

export function encodeTelemetry(telemetry: Telemetry): Uint8Array {
  const { rejections = [] } = telemetry;
  const writer = startMessage(messageType.telemetry, 16, 320)
    .uint(telemetry.rssBytes)
    .uint(telemetry.cpuMicros)
    .uint(telemetry.poolSize)
    .uint(telemetry.diskBytes)
    .uint(telemetry.bytesIn)
    .uint(telemetry.bytesOut)
    .uint(telemetry.startedMs)
    .text(telemetry.alarm)
    .uint(telemetry.diskFreeBytes)
    .uint(telemetry.maxDiskBytes)
    .uint(telemetry.firstHeight)
    .uint(telemetry.syncFaults)
    .text(telemetry.warning)
    .array(Math.min(rejections.length, MAX_REJECTION_CODES));
  for (const [code, count] of rejections.slice(0, MAX_REJECTION_CODES)) {
    writer.array(2).text(code).uint(count);
  }
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeTelemetry(encoded: Uint8Array): Telemetry {
  const reader = openMessage(encoded, {
    name: "telemetry",
    type: messageType.telemetry,
    items: 16,
    maxBytes: MAX_TELEMETRY_BYTES,
  });
  const telemetry = {
    rssBytes: reader.uint("rssBytes"),
    cpuMicros: reader.uint("cpuMicros"),
    poolSize: reader.uint("poolSize"),
    diskBytes: reader.uint("diskBytes"),
    bytesIn: reader.uint("bytesIn"),
    bytesOut: reader.uint("bytesOut"),
    startedMs: reader.uint("startedMs"),
    alarm: parseCode(reader.text("alarm", MAX_CODE_BYTES)),
    diskFreeBytes: reader.uint("diskFreeBytes"),
    maxDiskBytes: reader.uint("maxDiskBytes"),
    firstHeight: reader.uint("firstHeight"),
    syncFaults: reader.uint("syncFaults"),
    warning: parseCode(reader.text("warning", MAX_CODE_BYTES)),
    rejections: readRejections(reader),
  };
  reader.end();
  return telemetry;
}

function readRejections(reader: CborReader): readonly (readonly [FaultCode, number])[] {
  const rejections: (readonly [FaultCode, number])[] = [];
  for (let left = reader.array("rejections", MAX_REJECTION_CODES); left > 0; left--) {
    reader.tuple("rejection", 2);
    const code = parseCode(reader.text("code", MAX_CODE_BYTES));
    if (code === "") throw new Fault("CBOR_SHAPE", "a rejection without a code");
    rejections.push([code, reader.uint("count")]);
  }
  return rejections;
}

function parseCode(code: string): FaultCode | "" {
  if (code !== "" && !Object.hasOwn(faultTable, code)) {
    throw new Fault("CBOR_SHAPE", "unknown fault code");
  }
  return code as FaultCode | "";
}
