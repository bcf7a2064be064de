import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatHex } from "@gridledger/protocol/hex";
import { soleRing } from "@gridledger/protocol/keys/key-ring";
import { makeProof } from "@gridledger/protocol/ledger/proof";
import { leafHash, MerkleTree } from "@gridledger/protocol/merkle/tree";
import { Alarms, type MappingAlarm } from "../../hub/src/mapping/alarms.ts";
import type { Connector } from "../../hub/src/mapping/connectors/connector.ts";
import type { MappingRequest } from "../../hub/src/mapping/make-definition.ts";
import { MappingService } from "../../hub/src/mapping/mapping-service.ts";
import { MappingTables } from "../../hub/src/mapping/tables/mapping-tables.ts";
import { Store } from "../../hub/src/store/store.ts";
import { type BuiltBlock, ChainBuilder } from "../support/chain-builder.ts";
import { ManualClock } from "../support/manual-clock.ts";

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

/** A request for all columns of a table, by its id. */
export function request(change: Partial<MappingRequest> = {}): MappingRequest {
  return {
    ...{ database: "app", table: "readings", key: ["id"], types: {}, saltsPerColumn: true },
    budget: {
      ...{ rowsPerSecond: 1_000_000, runEveryMs: 60_000 },
      ...{ sweepEveryMs: 3_600_000, sampleRows: 0 },
    },
    catalogue: {
      ...{ title: "Readings", owner: "Metering", classification: "internal" },
      retentionDays: 3_650,
    },
    ...change,
  };
}

export type MappingRig = Awaited<ReturnType<typeof mappingRig>>;

interface RigOptions {
  readonly folder?: string;
  readonly builder?: ChainBuilder;
  /** The clock moves on by what the budget makes wait. */
  readonly paces?: boolean;
}

/** The mapping room on a store of its own; whatever it anchors is final at once, in real blocks. */
export async function mappingRig(
  connect: (database: string) => Connector,
  options: RigOptions = {},
) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "gl-mapping-"));
  const builder = options.builder ?? new ChainBuilder();
  const { chain, hub } = builder;
  const { hash } = chain.suite;
  const store = new Store({ file: join(folder, "hub.sqlite") });
  await store.start();
  const clock = new ManualClock();
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const events: object[] = [];
  const audit = {
    append: async (_db: unknown, event: object) => void events.push(event),
    record: async (event: object) => void events.push(event),
  };
  const blockOf = (txHash: string): { block: BuiltBlock; index: number } | undefined => {
    for (const block of builder.blocks) {
      const index = block.txHashes.findIndex((one) => formatHex(one) === txHash);
      if (index !== -1) return { block, index };
    }
    return undefined;
  };
  const told: { readonly type: string; readonly id: string; readonly alarm: MappingAlarm }[] = [];
  const alarms = new Alarms({
    ...{ hash, log, audit },
    notify: async (type, id, alarm) => void told.push({ type, id, alarm }),
  });
  const raised: MappingAlarm[] = [];
  alarms.listen((alarm) => raised.push(alarm));
  const tables = new MappingTables(store);
  const anchored: Uint8Array[] = [];
  const service = new MappingService(
    {
      ...{ store, tables, hash, clock, log, alarms, audit, connect },
      master: new Uint8Array(32).fill(5),
      sleep: async (ms) => {
        if (options.paces) clock.advance(ms);
      },
      anchoring: {
        ...{ chain, keys: soleRing(chain.suite, hub.signer), headHeight: () => builder.height },
        async submit(encoded) {
          anchored.push(encoded);
          builder.add([encoded]);
          return { state: "final", height: builder.height };
        },
        finalHeight: async (txHash) => blockOf(formatHex(txHash))?.block.header.height,
        blockTimeMs: async (height) => builder.blocks[height - 1]?.header.timeMs,
      },
      async prove(txHash) {
        const { block, index } = blockOf(formatHex(txHash))!;
        const path = new MerkleTree(hash, block.txHashes).path(index);
        return makeProof(chain, { ...block, index, path, transaction: block.transactions[index]! });
      },
    },
    { runsByItself: false },
  );
  await service.start();
  return {
    ...{ service, store, tables, clock, lines, events, raised, told, builder, anchored, folder },
    txHash: (encoded: Uint8Array) => formatHex(leafHash(hash, encoded)),
    async stop(keepFiles = false) {
      await service.stop();
      await store.stop();
      if (!keepFiles) rmSync(folder, { recursive: true, force: true });
    },
  };
}
