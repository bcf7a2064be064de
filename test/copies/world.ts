import { topics } from "@gridledger/protocol/topics";
import { type CopiesConfig, defaultCopies } from "../../hub/src/objects/copies/start-copies.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { heard, put } from "../objects/put.ts";
import { type Packed, packed } from "../objects/support.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { TestHolder } from "./holder-rig.ts";

/** A hub and holders of a channel, on a bus in memory and a clock by hand. */
export class World {
  readonly builder: ChainBuilder;
  readonly rig: Rig;
  readonly holders: readonly TestHolder[];

  static async start(options: { holders?: number; copies?: Partial<CopiesConfig> } = {}) {
    const builder = new ChainBuilder();
    const copies = { ...defaultCopies, bytesPerSecond: 2 ** 50, ...options.copies };
    const rig = await startRig(builder, { copies });
    const keys = builder.validators.slice(0, options.holders ?? 4);
    const holders = keys.map((key) => new TestHolder(builder, key, rig.bus));
    const world = new World(builder, rig, holders);
    heard(rig, builder);
    for (const holder of holders) await holder.service.look();
    await world.block(holders.flatMap(({ submitted }) => submitted.splice(0)));
    return world;
  }

  private constructor(builder: ChainBuilder, rig: Rig, holders: readonly TestHolder[]) {
    this.builder = builder;
    this.rig = rig;
    this.holders = holders;
  }

  get copies() {
    return this.rig.objects.copies;
  }

  /** Everybody hears of a block. */
  async block(transactions: readonly Uint8Array[]): Promise<void> {
    this.rig.carry(this.builder.add(transactions));
    await this.rig.indexed(this.builder.height);
    for (const holder of this.holders) if (!holder.isDead) holder.chain.follow();
  }

  /** An object on the chain, and what the rule says who has it. */
  async put(bytes: Uint8Array, said: Parameters<typeof packed>[3] = {}) {
    const of = packed(this.builder, this.builder.operator, bytes, said);
    await put(this.rig, this.builder, of);
    for (const holder of this.holders) holder.chain.follow();
    await this.tick();
    return of;
  }

  /** One round of the hub's work; time goes on only while it waits for the dead. */
  async tick(): Promise<void> {
    await this.settle(this.copies.service.tick());
  }

  async settle<Answer>(work: Promise<Answer>): Promise<Answer> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      const [silent] = this.holders.filter(({ unheard }) => unheard > 0);
      if (silent === undefined) continue;
      silent.unheard = 0;
      this.rig.clock.advance(3_000);
    }
    return work;
  }

  /** Time passes while the living say that they live. */
  async pass(ms: number, stepMs = 60_000): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.rig.clock.advance(Math.min(left, stepMs));
      for (const holder of this.holders) if (!holder.isDead) this.hear(holder);
      await this.tick();
    }
  }

  /** Its heartbeat reaches the hub. */
  hear({ key }: TestHolder): void {
    const status = this.builder.status(key, { timeMs: this.rig.clock.now() });
    this.rig.bus.publish(topics.status("test", key.id), status);
  }

  /** The holders that have it, as the hub says. */
  async holding(root: Uint8Array): Promise<TestHolder[]> {
    const rows = await this.copies.table.of(root);
    const held = rows.filter(({ state }) => state === "held").map(({ holder }) => holder);
    return this.holders.filter(({ key }) => held.includes(key.id));
  }

  /** All bytes as a reader gets them, from whichever copies. */
  async read({ manifest }: Pick<Packed, "manifest">): Promise<Buffer> {
    const { reader } = this.rig.objects;
    const stream = await this.settle(reader.stream(manifest, { from: 0, to: manifest.sizeBytes }));
    return Buffer.from(await this.settle(new Response(stream).arrayBuffer()));
  }

  alarms(): string[] {
    return this.rig.lines.flatMap(({ fields }) => {
      const { kind } = fields as { readonly kind?: unknown };
      return typeof kind === "string" && kind.startsWith("copy.") ? [kind] : [];
    });
  }

  async stop(): Promise<void> {
    await this.rig.stop();
    for (const holder of this.holders) await holder.stop();
  }
}
