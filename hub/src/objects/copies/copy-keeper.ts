import { asFault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { Clock } from "../../clock.ts";
import type { ObjectChanges } from "../../index/query/object-changes.ts";
import type { ObjectQueries } from "../../index/query/object-queries.ts";
import type { Log } from "../../log.ts";
import type { CopyAlarms } from "./copy-alarms.ts";
import type { CopyFiller } from "./copy-filler.ts";
import type { CopyHolders, ReachedHolder } from "./copy-holders.ts";
import type { CopyRecords } from "./copy-records.ts";
import { type CopyRow, type CopyTable, ownerOf } from "./copy-table.ts";

/** A holder whose copy was bad so often is passed over. */
const MAX_FAULTS = 3;
const PASSED_OVER_MS = 3_600_000;

interface KeeperDeps {
  readonly holders: CopyHolders;
  readonly table: CopyTable;
  readonly records: CopyRecords;
  readonly filler: Pick<CopyFiller, "fill">;
  readonly alarms: CopyAlarms;
  readonly objects: Pick<ObjectQueries, "byRoot">;
  readonly changes: Pick<ObjectChanges, "erasureOf" | "receiptsOf">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sees to it that an object is where the rule wants it, and nowhere else (guide §10.5). */
export class CopyKeeper {
  readonly #deps: KeeperDeps;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** Places, heals, lets go. @returns how many good copies there are, and how many there should be */
  async tend(root: Uint8Array): Promise<{ readonly held: number; readonly wanted: number }> {
    const { changes, holders, objects, table } = this.#deps;
    const final = await objects.byRoot(root);
    if (final === undefined) return { held: 0, wanted: 0 };
    const rows = new Map((await table.of(root)).map((row) => [row.holder, row]));
    if ((await changes.erasureOf(root)) !== undefined) {
      await this.#tendErased(root, [...rows.values()]);
      return { held: 0, wanted: 0 };
    }
    const order = await holders.orderOf(final.manifest);
    const isThere = (holder: ReachedHolder) =>
      !holders.isLost(holder) && !this.#isPassedOver(rows.get(holder.called));
    const copies = (await holders.policy())[final.manifest.classification];
    const wanted = order.filter(isThere).slice(0, copies);
    let held = 0;
    for (const holder of wanted) {
      if (await this.#hold(final.manifest, holder, rows.get(holder.called))) held++;
    }
    const others = [...rows.values()].filter(
      ({ holder }) => !wanted.some(({ called }) => called === holder),
    );
    for (const row of others) await this.#letGo(row, order, held === copies);
    return { held, wanted: copies };
  }

  async #hold(
    manifest: ObjectManifest,
    holder: ReachedHolder,
    row: CopyRow | undefined,
  ): Promise<boolean> {
    if (row?.state === "held") return true;
    const isHeld = await this.#deps.filler.fill(manifest, holder, row);
    if (isHeld) {
      const told = { object: formatHex(manifest.root), holder: holder.called, was: row?.state };
      this.#deps.log.info(told, "copies: a holder has all of an object");
    }
    return isHeld;
  }

  /** One that is lost keeps its place in the list: when it is back, it is asked to let go. */
  async #letGo(row: CopyRow, order: readonly ReachedHolder[], isSafe: boolean): Promise<void> {
    const { alarms, holders, records, table } = this.#deps;
    const { root, holder: called, state } = row;
    const known = order.find((holder) => holder.called === called);
    if (known !== undefined && holders.isLost(known)) {
      if (state === "held") await records.is(root, called, "silent", "COPY_SILENT");
      alarms.raise("copy.silent", undefined, { holder: called, reason: "COPY_SILENT" });
      return;
    }
    if (known !== undefined && this.#isPassedOver(row)) return;
    if (state === "held" || state === "silent") {
      await records.is(root, called, "surplus", "COPY_PLACED");
    }
    if (isSafe) await this.#drop(root, called);
    else if (state === "missing") await table.forget(root, called);
  }

  async #drop(root: Uint8Array, called: string): Promise<void> {
    const { holders, table } = this.#deps;
    try {
      await holders.portOf(called)?.drop(root);
    } catch (thrown) {
      // What it does not have it need not let go of; anything else is tried again.
      if (asFault(thrown).code !== "COPY_UNKNOWN") return;
    }
    await table.forget(root, called);
  }

  /** A holder erases by itself; asked, it says so again as long as its receipt is not on the chain. */
  async #tendErased(root: Uint8Array, rows: readonly CopyRow[]): Promise<void> {
    const { changes, holders, records } = this.#deps;
    const said = new Set((await changes.receiptsOf(root)).map(({ replica }) => replica));
    for (const { holder, state } of rows) {
      const { id, store } = ownerOf(holder);
      const code = await askErased(() => holders.portOf(holder)?.state(root));
      // This hub has overwritten its own stores before it said so.
      const isGone = code === "OBJECT_ERASED" || (store !== "" && code === "COPY_UNKNOWN");
      const next = isGone && said.has(id) ? "erased" : "erasing";
      if (next !== state) await records.is(root, holder, next, "OBJECT_ERASED");
    }
  }

  #isPassedOver(row: CopyRow | undefined): boolean {
    if (row === undefined || row.faults < MAX_FAULTS || row.state === "held") return false;
    return this.#deps.clock.now() - row.sinceMs < PASSED_OVER_MS;
  }
}

async function askErased(ask: () => Promise<unknown> | undefined): Promise<string> {
  try {
    await ask();
    return "";
  } catch (thrown) {
    return asFault(thrown).code;
  }
}
