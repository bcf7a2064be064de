import type { Clock } from "../../clock.ts";
import type { CopyAlarms } from "./copy-alarms.ts";
import type { CopyRow, CopyState, CopyTable } from "./copy-table.ts";

interface RecordsDeps {
  readonly table: CopyTable;
  readonly alarms: CopyAlarms;
  readonly clock: Clock;
}

/** The one place where a copy's state changes, and where it is told when it turns bad. */
export class CopyRecords {
  readonly #deps: RecordsDeps;

  constructor(deps: RecordsDeps) {
    this.#deps = deps;
  }

  async held(root: Uint8Array, holder: string, statement?: Uint8Array): Promise<void> {
    const before = await this.find(root, holder);
    const kept = statement ?? before?.statement ?? null;
    await this.#set(root, holder, { before, state: "held", reason: null, statement: kept });
  }

  /** Checked, and as it was. */
  async checked(row: CopyRow): Promise<void> {
    await this.#deps.table.set({ ...row, checkedMs: this.#deps.clock.now() });
  }

  /** @param reason a fault code */
  async is(root: Uint8Array, holder: string, state: CopyState, reason: string): Promise<void> {
    const before = await this.find(root, holder);
    const statement = state === "missing" || state === "silent" ? before?.statement : null;
    await this.#set(root, holder, { before, state, reason, statement: statement ?? null });
    if (state === "lying" || state === "stale") {
      this.#deps.alarms.raise(`copy.${state}`, root, { holder, reason });
    }
  }

  async find(root: Uint8Array, holder: string): Promise<CopyRow | undefined> {
    return (await this.#deps.table.of(root)).find((row) => row.holder === holder);
  }

  async #set(
    root: Uint8Array,
    holder: string,
    {
      before,
      ...now
    }: Pick<CopyRow, "state" | "reason" | "statement"> & { readonly before: CopyRow | undefined },
  ): Promise<void> {
    const nowMs = this.#deps.clock.now();
    const isBad = now.state === "lying" || now.state === "stale";
    const isNew = before?.state !== now.state;
    const faults = (before?.faults ?? 0) + (isBad && isNew ? 1 : 0);
    const sinceMs = isNew ? nowMs : (before?.sinceMs ?? nowMs);
    await this.#deps.table.set({ ...now, root, holder, faults, checkedMs: nowMs, sinceMs });
  }
}
