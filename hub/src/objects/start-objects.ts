import { join } from "node:path";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { IndexListener } from "../index/chain-index.ts";
import type { ContractIndex } from "../index/contracts/contract-index.ts";
import type { KnownIdentity } from "../index/directory.ts";
import type { ValidatorSets } from "../index/governance/validator-sets.ts";
import type { ParsedBlock } from "../index/parse-block.ts";
import type { BlockQueries } from "../index/query/block-queries.ts";
import type { HolderQueries } from "../index/query/holder-queries.ts";
import type { KeyQueries } from "../index/query/key-queries.ts";
import type { ObjectChanges } from "../index/query/object-changes.ts";
import type { ObjectQueries } from "../index/query/object-queries.ts";
import type { TransactionQueries } from "../index/query/transaction-queries.ts";
import type { Log } from "../log.ts";
import type { checkSubmission } from "../outbox/check-submission.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { Bundler } from "./bundler.ts";
import {
  type Copies,
  type CopiesConfig,
  defaultCopies,
  startCopies,
} from "./copies/start-copies.ts";
import { Eraser } from "./eraser.ts";
import { ObjectDesk } from "./object-desk.ts";
import { ObjectReader } from "./object-reader.ts";
import { PayloadStore } from "./payload-store.ts";
import { ServingGate } from "./serving-gate.ts";
import { StandingProver } from "./standing-prover.ts";

interface ObjectsDeps {
  readonly chain: Chain;
  /** The hub's. */
  readonly keys: KeyRing;
  readonly index: {
    readonly objects: Pick<ObjectQueries, "byRoot">;
    readonly changes: ObjectChanges;
    readonly holders: Pick<HolderQueries, "all" | "policy">;
    readonly head: { readonly height: number };
    readonly blocksBehind: number;
    nodes(): readonly {
      readonly id: string;
      readonly online: boolean;
      readonly lastSeenMs: number | null;
    }[];
    listen(listener: IndexListener): void;
    readonly blocks: BlockQueries;
    readonly transactions: TransactionQueries;
    readonly keys: Pick<KeyQueries, "recordsOf">;
    readonly contracts: Pick<ContractIndex, "nodes" | "queries">;
    readonly sets: Pick<ValidatorSets, "handoversTo">;
  };
  readonly findIdentity: (id: string) => KnownIdentity | undefined;
  readonly certificatesOf: (identity: string) => Promise<readonly Uint8Array[]>;
  readonly outbox: Pick<Outbox, "submit">;
  readonly bus: Bus;
  readonly store: Parameters<typeof startCopies>[0]["store"];
  /** Where copies go, and how fast. */
  readonly copies?: CopiesConfig | undefined;
  readonly check: (encoded: Uint8Array) => ReturnType<typeof checkSubmission>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Objects {
  readonly desk: ObjectDesk;
  readonly reader: ObjectReader;
  readonly bundler: Bundler;
  readonly copies: Copies;
  stop(): Promise<void>;
}

/** Opens the payloads in the hub's home. @throws Fault STORE_CORRUPT, CONFIG_INVALID */
export async function startObjects(deps: ObjectsDeps, home: string): Promise<Objects> {
  const { chain, keys, index, outbox, check, clock, log } = deps;
  const { findIdentity, certificatesOf } = deps;
  const payloads = new PayloadStore({ file: join(home, "objects.sqlite") });
  await payloads.start();
  const desk = new ObjectDesk({
    ...{ chain, payloads, outbox, check, keys, clock, log },
    headHeight: () => index.head.height,
    findFinal: (root) => index.objects.byRoot(root),
    isErased: async (root) => (await index.changes.erasureOf(root)) !== undefined,
  });
  desk.start();
  const { changes } = index;
  const gate = new ServingGate({ index });
  const copies = startCopies({ ...deps, payloads, gate }, deps.copies ?? defaultCopies);
  const eraser = new Eraser({
    ...{ chain, payloads, changes, outbox, keys, clock, log },
    eraseStores: (root) => copies.eraseStores(root),
    headHeight: () => index.head.height,
  });
  // Before any door opens: what was decided while the hub was away.
  await eraser.start();
  index.listen({
    onBlocks: (blocks) => {
      const isDecided = blocks.some(({ block }) =>
        block.executed.some(({ type }) => type === "erasure"),
      );
      if (isDecided) void eraser.run();
      for (const root of rootsIn(blocks)) copies.service.wake(root);
    },
  });
  const { blocks, contracts } = index;
  const standings = new StandingProver({ chain, nodes: contracts.nodes, blocks });
  const reader = new ObjectReader({ chain, payloads, gate, changes, copies: copies.reader });
  return {
    copies,
    desk,
    reader,
    bundler: new Bundler({ chain, index, reader, standings, findIdentity, certificatesOf }),
    async stop() {
      desk.stop();
      await eraser.stop();
      await copies.stop();
      await payloads.stop();
    },
  };
}

/** Of objects that are new, and of those that are to go. */
function rootsIn(blocks: readonly ParsedBlock[]): Uint8Array[] {
  return blocks.flatMap(({ block, transactions }) => [
    ...transactions.flatMap(({ object }) => (object === undefined ? [] : [object.root])),
    ...block.executed.flatMap((action) => (action.type === "erasure" ? [action.root] : [])),
  ]);
}
