import { Fault, type FaultCode, faultTable } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_TELEMETRY_BYTES = 192;
const MAX_CODE_BYTES = 64;

/**
 * What a node says of itself for the console (guide §10.2), unsigned:
 * `[version, 15, rssBytes, cpuMicros, poolSize, diskBytes, bytesIn, bytesOut, startedMs, alarm]`. Counters
 * run from the start of the process; `startedMs` tells a restart from a counter that stands still.
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
}

export function encodeTelemetry(telemetry: Telemetry): Uint8Array {
  return startMessage(messageType.telemetry, 10, MAX_TELEMETRY_BYTES)
    .uint(telemetry.rssBytes)
    .uint(telemetry.cpuMicros)
    .uint(telemetry.poolSize)
    .uint(telemetry.diskBytes)
    .uint(telemetry.bytesIn)
    .uint(telemetry.bytesOut)
    .uint(telemetry.startedMs)
    .text(telemetry.alarm)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeTelemetry(encoded: Uint8Array): Telemetry {
  const reader = openMessage(encoded, {
    name: "telemetry",
    type: messageType.telemetry,
    items: 10,
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
    alarm: parseAlarm(reader.text("alarm", MAX_CODE_BYTES)),
  };
  reader.end();
  return telemetry;
}

function parseAlarm(code: string): FaultCode | "" {
  if (code !== "" && !Object.hasOwn(faultTable, code)) {
    throw new Fault("CBOR_SHAPE", "unknown fault code");
  }
  return code as FaultCode | "";
}
