import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_TELEMETRY_BYTES = 128;

/**
 * What a node says of itself for the console (guide §10.2), unsigned:
 * `[version, 15, rssBytes, cpuMicros, poolSize, diskBytes, bytesIn, bytesOut, startedMs]`. Counters run
 * from the start of the process; `startedMs` tells a restart from a counter that stands still.
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
}

export function encodeTelemetry(telemetry: Telemetry): Uint8Array {
  return startMessage(messageType.telemetry, 9, MAX_TELEMETRY_BYTES)
    .uint(telemetry.rssBytes)
    .uint(telemetry.cpuMicros)
    .uint(telemetry.poolSize)
    .uint(telemetry.diskBytes)
    .uint(telemetry.bytesIn)
    .uint(telemetry.bytesOut)
    .uint(telemetry.startedMs)
    .finish();
}

/** @throws Fault CBOR_* */
export function decodeTelemetry(encoded: Uint8Array): Telemetry {
  const reader = openMessage(encoded, {
    name: "telemetry",
    type: messageType.telemetry,
    items: 9,
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
  };
  reader.end();
  return telemetry;
}
