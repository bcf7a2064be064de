import assert from "node:assert/strict";
import { formatHex } from "@gridledger/protocol/hex";
import { chunkSpan } from "@gridledger/protocol/objects/manifest";
import { topics } from "@gridledger/protocol/topics";
import { call } from "../hub/call.ts";
import type { Rig } from "../hub/rig.ts";
import type { ChainBuilder } from "../support/chain-builder.ts";
import type { Packed } from "./support.ts";

const base64url = (some: Uint8Array) => Buffer.from(some).toString("base64url");

export function begin(rig: Rig, of: Packed) {
  const leaves = base64url(Buffer.concat(of.leaves));
  const body = { transaction: base64url(of.transaction), secret: formatHex(of.secret), leaves };
  return call(rig, "/api/v1/objects", { body });
}

export function sendChunk(rig: Rig, of: Packed, index: number, raw?: Uint8Array) {
  const { from, to } = chunkSpan(of.manifest, index);
  const url = `http://localhost/api/v1/objects/${formatHex(of.manifest.root)}/chunks/${index}`;
  return rig.app.request(url, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: new Uint8Array(raw ?? of.bytes.slice(from, to)),
  });
}

export function commit(rig: Rig, of: Packed, body: object = {}) {
  return call(rig, `/api/v1/objects/${formatHex(of.manifest.root)}/commit`, { body });
}

/** A validator's heartbeat: the hub knows how far the chain is. */
export function heard(rig: Rig, builder: ChainBuilder): void {
  const [validator] = builder.validators;
  const topic = topics.status("test", validator!.id);
  rig.bus.publish(topic, builder.status(validator!, { timeMs: rig.clock.now() }));
}

/** Until it is final. */
export async function put(rig: Rig, builder: ChainBuilder, of: Packed): Promise<void> {
  await begin(rig, of);
  for (let index = 0; index < of.leaves.length; index++) await sendChunk(rig, of, index);
  const { json } = await commit(rig, of);
  assert.equal(json.state, "spooled");
  rig.carry(builder.add([of.transaction]));
  await rig.indexed(builder.height);
  heard(rig, builder);
}
