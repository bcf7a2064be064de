import { randomBytes } from "node:crypto";
import type { Proof } from "@gridledger/protocol/api/proof-contract";
import { Fault } from "@gridledger/protocol/faults";
import { encodeValues } from "@gridledger/protocol/rows/row-leaf";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Connector } from "./connectors/connector.ts";
import { LazyConnector } from "./connectors/lazy-connector.ts";
import { FIRST_PROGRESS, type Mapping } from "./definition.ts";
import { type MappingRequest, makeDefinition } from "./make-definition.ts";
import { type OpenDeps, type OpenMapping, openMapping } from "./open-mapping.ts";
import { RowProver } from "./row-prover.ts";
import { parseKeyText } from "./row-reader.ts";

const MAPPING_ID_BYTES = 10;
const CHANGE_DAYS = 7;
const DAY_MS = 86_400_000;

interface ServiceDeps extends OpenDeps {
  readonly audit: Pick<AuditLog, "append">;
  readonly connect: (database: string) => Connector;
  readonly prove: (txHash: Uint8Array) => Promise<Proof>;
}

interface ServiceOptions {
  /** False in a test that says itself when something is done. */
  readonly runsByItself: boolean;
}

/** The desk for mappings of other databases: adds them, keeps them at work, answers about them (guide §9.2). */
export class MappingService {
  readonly #deps: ServiceDeps;
  readonly #options: ServiceOptions;
  readonly #open = new Map<string, OpenMapping>();

  constructor(deps: ServiceDeps, options: ServiceOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** A database that is away, or out of the list, stops nobody: its mappings say so. */
  async start(): Promise<void> {
    for (const mapping of await this.#deps.tables.mappings.list()) await this.#take(mapping);
  }

  async stop(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(({ worker }) => worker.stop()));
    await Promise.all(all.map(({ anchorer }) => anchorer.stop()));
    await Promise.all(all.map(({ connector }) => connector.close()));
    await this.#deps.alarms.stop();
  }

  list(): OpenMapping[] {
    return [...this.#open.values()];
  }

  /** By id or name. @throws Fault NOT_FOUND */
  find(id: string): OpenMapping {
    const found = this.#open.get(id) ?? this.list().find((one) => one.mapping().name === id);
    if (found === undefined) throw new Fault("NOT_FOUND", "there is no such mapping");
    return found;
  }

  /** @throws Fault MAPPING_EXISTS, MAPPING_INVALID, DATABASE_* */
  async add(name: string, request: MappingRequest, actor: string): Promise<OpenMapping> {
    const { audit, clock, connect, store, tables } = this.#deps;
    if ((await tables.mappings.find(name)) !== undefined) throw new Fault("MAPPING_EXISTS");
    const connector = connect(request.database);
    let mapping: Mapping;
    try {
      const definition = await makeDefinition(connector, request);
      mapping = {
        ...{ id: randomBytes(MAPPING_ID_BYTES).toString("hex"), name, definition },
        ...{ progress: FIRST_PROGRESS, createdMs: clock.now(), createdBy: actor, paused: null },
      };
    } finally {
      await connector.close();
    }
    await store.transaction(async (db) => {
      await tables.mappings.add(db, mapping);
      await audit.append(db, {
        ...{ category: "data", actor, action: "mapping.add", target: name, result: "done" },
        after: { id: mapping.id, definition: mapping.definition },
      });
    });
    const opened = await this.#take(mapping);
    await opened.worker.checkRights();
    return opened;
  }

  /** @throws Fault NOT_FOUND */
  async setPaused(id: string, isPaused: boolean, actor: string): Promise<void> {
    const { audit, store } = this.#deps;
    const found = this.find(id);
    await found.setPaused(isPaused ? { code: "MAPPING_PAUSED", detail: `by ${actor}` } : null);
    const action = isPaused ? "mapping.pause" : "mapping.resume";
    const target = found.mapping().name;
    const event = { category: "data", actor, action, target, result: "done" } as const;
    await store.transaction((db) => audit.append(db, event));
  }

  /** These rows will be changed or removed lawfully. @throws Fault NOT_FOUND, REQUEST_INVALID */
  async declare(id: string, keys: readonly string[], reason: string, actor: string) {
    const { audit, clock, store, tables } = this.#deps;
    const { parts, mapping } = this.find(id);
    const { key: columns } = parts.definition.mapped;
    const untilMs = clock.now() + CHANGE_DAYS * DAY_MS;
    const changes = keys.map((text) => {
      const key = encodeValues(columns, parseKeyText(text, columns));
      return { key, actor, reason, untilMs };
    });
    await store.transaction(async (db) => {
      await tables.changes.add(db, parts.id, changes);
      await audit.append(db, {
        ...{ category: "data", actor, action: "mapping.declare", target: mapping().name },
        ...{ result: "done", after: { rows: keys.length, untilMs }, detail: reason },
      });
    });
    return { rows: keys.length, untilMs };
  }

  /** @throws Fault NOT_FOUND, MAPPING_PAUSED, DATABASE_*, MAPPING_* */
  async run(id: string): Promise<number> {
    return this.#working(id).worker.run();
  }

  /** @throws Fault NOT_FOUND, MAPPING_PAUSED, DATABASE_*, MAPPING_* */
  async sweep(id: string): Promise<void> {
    await this.#working(id).worker.sweep();
  }

  prover(id: string): RowProver {
    return new RowProver(this.find(id).parts, this.#deps.prove);
  }

  #working(id: string): OpenMapping {
    const found = this.find(id);
    const { paused } = found.mapping();
    if (paused === null) return found;
    throw new Fault("MAPPING_PAUSED", `${paused.code}: ${paused.detail}`);
  }

  async #take(mapping: Mapping): Promise<OpenMapping> {
    const { connect } = this.#deps;
    const { database } = mapping.definition;
    const opened = await openMapping(
      this.#deps,
      mapping,
      new LazyConnector(() => connect(database)),
    );
    this.#open.set(mapping.id, opened);
    if (this.#options.runsByItself) {
      opened.worker.start();
      void opened.anchorer.poke();
    }
    return opened;
  }
}
