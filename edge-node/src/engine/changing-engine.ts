import type { EngineSpan } from "@gridledger/protocol/governance/in-force";
import type { Engine } from "../consensus/engine.ts";
import type { Action, EngineEvent, WalRecord } from "../consensus/ports.ts";

interface ChangingEngineDeps {
  /** The span of the next height, by the head as it is. */
  readonly span: () => EngineSpan;
  /** @throws Fault CONFIG_INVALID for an engine that this node does not have */
  readonly create: (span: EngineSpan) => Engine;
  readonly onChange: (span: EngineSpan) => void;
}

/** What outlives an engine's names for its timers and for what it mines. */
interface Named {
  readonly engine: Engine;
  readonly id: number;
}

/**
 * The engine of a channel that may change its engine at a height (guide §4.2.2 f). The old one never
 * hears of the height from which the new one runs, so it signs nothing there; the new one is given the
 * log from that height on, so that it knows what it has signed itself and nothing of the other's.
 */
export class ChangingEngine implements Engine {
  readonly #deps: ChangingEngineDeps;
  readonly #named = new Map<number, Named>();
  #lastId = 0;
  #engine: Engine;
  #span: EngineSpan;
  #connected = false;
  /** How much the log can be trusted, as the last engine said. */
  #amnesia: WalRecord | undefined;

  constructor(deps: ChangingEngineDeps) {
    this.#deps = deps;
    this.#span = deps.span();
    this.#engine = deps.create(this.#span);
  }

  get view(): Engine["view"] {
    return this.#engine.view;
  }

  handle(event: EngineEvent): readonly Action[] {
    switch (event.type) {
      case "restored":
        return this.#restore(event);
      case "newHeight":
        return [...this.#changeIfDue(), ...this.#pass(event)];
      case "connected":
      case "disconnected":
        this.#connected = event.type === "connected";
        return this.#pass(event);
      case "timer":
      case "mined": {
        const named = this.#named.get(event.id);
        this.#named.delete(event.id);
        return named?.engine === this.#engine ? this.#pass({ ...event, id: named.id }) : [];
      }
      default:
        return this.#pass(event);
    }
  }

  #restore({ wal, records }: Extract<EngineEvent, { type: "restored" }>): readonly Action[] {
    // What the log had decided may have moved the head.
    this.#change();
    const { fromHeight } = this.#span;
    this.#noteAmnesia(records);
    // What another engine has signed lies below, and says nothing of this one's heights.
    const own = records.filter(
      (record) => record.kind === "amnesia" || record.height >= fromHeight,
    );
    return this.#pass({ type: "restored", wal, records: own });
  }

  #changeIfDue(): readonly Action[] {
    if (!this.#change()) return [];
    const records = this.#amnesia === undefined ? [] : [this.#amnesia];
    const actions: Action[] = [{ type: "stopMining" }];
    actions.push(...this.#pass({ type: "restored", wal: "intact", records }));
    if (this.#connected) actions.push(...this.#pass({ type: "connected" }));
    return actions;
  }

  /** False where the engine runs on. */
  #change(): boolean {
    const span = this.#deps.span();
    if (span.fromHeight === this.#span.fromHeight) return false;
    this.#engine = this.#deps.create(span);
    this.#span = span;
    this.#named.clear();
    this.#deps.onChange(span);
    return true;
  }

  #pass(event: EngineEvent): readonly Action[] {
    return this.#engine.handle(event).map((action) => this.#name(action));
  }

  /** Ids of two engines must not meet in one host. */
  #name(action: Action): Action {
    if (action.type === "record" || action.type === "checkpoint") {
      this.#noteAmnesia(action.records);
    } else if (action.type === "startTimer" || action.type === "mine") {
      const id = ++this.#lastId;
      this.#named.set(id, { engine: this.#engine, id: action.id });
      return { ...action, id };
    } else if (action.type === "stopTimer") {
      return { ...action, id: this.#outerId(action.id) };
    }
    return action;
  }

  #outerId(inner: number): number {
    for (const [outer, { id }] of this.#named) {
      if (id !== inner) continue;
      this.#named.delete(outer);
      return outer;
    }
    return 0;
  }

  #noteAmnesia(records: readonly WalRecord[]): void {
    this.#amnesia = records.findLast((record) => record.kind === "amnesia") ?? this.#amnesia;
  }
}
