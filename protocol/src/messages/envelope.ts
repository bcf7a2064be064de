import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";

/** The version that stands first in every message. */
export const MESSAGE_VERSION = 1;

/** A writer that has written `[version, type` of a message with `items` items in all. */
export function startMessage(type: number, items: number, initialBytes: number): CborWriter {
  return new CborWriter(initialBytes).array(items).uint(MESSAGE_VERSION).uint(type);
}

interface MessageShape {
  readonly name: string;
  readonly type: number;
  readonly items: number;
  readonly maxBytes: number;
}

/**
 * A reader that stands behind `[version, type` of a message.
 *
 * @throws Fault CBOR_LIMIT, CBOR_SHAPE
 */
export function openMessage(encoded: Uint8Array, shape: MessageShape): CborReader {
  const reader = new CborReader(encoded, shape.maxBytes);
  reader.tuple(shape.name, shape.items);
  const version = reader.uint("version");
  if (version !== MESSAGE_VERSION) {
    throw new Fault("CBOR_SHAPE", `${shape.name} has version ${version}`);
  }
  const type = reader.uint("type");
  if (type !== shape.type) {
    throw new Fault("CBOR_SHAPE", `message type ${type}, ${shape.name} is ${shape.type}`);
  }
  return reader;
}
