import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { ChainBuilder } from "../support/chain-builder.ts";
import { type Rig, startRig } from "./rig.ts";

const T0 = 1_750_000_000_000;
const url = "http://localhost/api/v1/stream";

interface StreamEvent {
  readonly id: string | undefined;
  readonly data: { readonly height?: number };
}

/** Reads events off a response as a browser would. */
class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  /** The next block of lines. */
  async raw(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return block;
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("the stream has ended");
      this.#text += Buffer.from(value).toString();
    }
  }

  async next(name: string): Promise<StreamEvent> {
    for (;;) {
      const fields = new Map(
        (await this.raw()).split("\n").map((line) => {
          const at = line.indexOf(": ");
          return [line.slice(0, at), line.slice(at + 2)] as const;
        }),
      );
      if (fields.get("event") !== name) continue;
      return { id: fields.get("id"), data: JSON.parse(fields.get("data") ?? "") };
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

describe("the event stream", () => {
  let rig: Rig | undefined;
  afterEach(async () => {
    await rig?.stop();
  });

  function carryOne(builder: ChainBuilder): void {
    const timesMs = [T0 + builder.height * 1_000];
    rig!.carry(builder.add([builder.batch(builder.devices[0]!, { meter: "M1", timesMs })]));
  }

  test("begins with status and nodes and goes on with blocks", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const response = await rig.app.request(url);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = new EventReader(response);
    assert.match(await reader.raw(), /^retry: \d+$/);
    assert.equal((await reader.next("status")).data.height, 0);
    await reader.next("nodes");
    carryOne(builder);
    const block = await reader.next("block");
    assert.equal(block.data.height, 1);
    assert.equal(block.id, "1");
    rig.clock.advance(1_000);
    assert.equal((await reader.next("status")).data.height, 1);
    await reader.cancel();
    assert.equal(rig.streams.size, 0);
  });

  test("Last-Event-ID brings the missed blocks, each once and in order", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    for (let i = 0; i < 4; i++) carryOne(builder);
    await rig.indexed(4);
    const response = await rig.app.request(url, { headers: { "last-event-id": "2" } });
    carryOne(builder);
    const reader = new EventReader(response);
    const heights: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) heights.push((await reader.next("block")).data.height);
    assert.deepEqual(heights, [3, 4, 5]);
    await reader.cancel();
  });

  test("a comment every 15 s keeps proxies from closing it", async () => {
    rig = await startRig(new ChainBuilder());
    const reader = new EventReader(await rig.app.request(url));
    await reader.next("nodes");
    rig.clock.advance(15_000);
    let line = "";
    while (!line.startsWith(":")) line = await reader.raw();
    await reader.cancel();
  });

  test("a client that does not read is dropped and takes no memory", async () => {
    const builder = new ChainBuilder();
    rig = await startRig(builder);
    const response = await rig.app.request(url);
    await rig.feed.snapshot();
    assert.equal(rig.streams.size, 1);
    for (let i = 0; i < 1_000 && rig.streams.size > 0; i++) {
      rig.clock.advance(5_000); // status and nodes each time
      await rig.feed.snapshot();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(rig.streams.size, 0);
    await assert.rejects(response.text());
  });

  test("there is a limit to the clients of one address", async () => {
    rig = await startRig(new ChainBuilder());
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) statuses.push((await rig.app.request(url)).status);
    assert.equal(statuses.at(-1), 429);
    assert.equal(rig.streams.size, 20);
  });
});
