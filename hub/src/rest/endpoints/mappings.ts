import { asFault } from "@gridledger/protocol/faults";
import type { Log } from "../../log.ts";
import type { Databases } from "../../mapping/connectors/databases.ts";
import type { MappingService } from "../../mapping/mapping-service.ts";
import type { Endpoint } from "../endpoint.ts";
import { mappingDetail, mappingSummary } from "./mapping-view.ts";

export interface MappingDeps {
  /** @throws Fault MAPPING_ABSENT */
  readonly service: () => MappingService;
  readonly databases: () => Databases;
  readonly log: Log;
}

export function mappings({ service }: MappingDeps): Endpoint<"mappings"> {
  return async () => ({ items: await Promise.all(service().list().map(mappingSummary)) });
}

export function databases(deps: MappingDeps): Endpoint<"databases"> {
  return () => ({ items: deps.databases().list() });
}

export function mapping({ service }: MappingDeps): Endpoint<"mapping"> {
  return async ({ params: { id } }) => mappingDetail(service().find(id));
}

export function addMapping({ service }: MappingDeps): Endpoint<"addMapping"> {
  return async ({ body, caller }) => {
    const { name, rowsPerSecond, runEveryMs, sweepEveryMs, sampleRows, ...rest } = body;
    const { title, owner, classification, retentionDays, ...wanted } = rest;
    const request = {
      ...wanted,
      budget: { rowsPerSecond, runEveryMs, sweepEveryMs, sampleRows },
      catalogue: { title: title || name, owner, classification, retentionDays },
    };
    return mappingDetail(await service().add(name, request, caller.subject.name));
  };
}

export function runMapping({ service }: MappingDeps): Endpoint<"runMapping"> {
  return async ({ params: { id } }) => ({ rows: await service().run(id) });
}

/** A sweep takes as long as its budget says: nobody waits for it. */
export function sweepMapping({ service, log }: MappingDeps): Endpoint<"sweepMapping"> {
  return async ({ params: { id }, reply }) => {
    const found = service().find(id);
    service()
      .sweep(id)
      .catch((thrown: unknown) => log.warn({ code: asFault(thrown).code }, "a sweep ended early"));
    reply.status(202);
    return mappingDetail(found);
  };
}

export function pauseMapping({ service }: MappingDeps): Endpoint<"pauseMapping"> {
  return async ({ params: { id }, body: { paused }, caller }) => {
    await service().setPaused(id, paused, caller.subject.name);
    return mappingDetail(service().find(id));
  };
}

export function declareChanges({ service }: MappingDeps): Endpoint<"declareChanges"> {
  return async ({ params: { id }, body: { keys, reason }, caller }) =>
    service().declare(id, keys, reason, caller.subject.name);
}

/** Guide §9.3. */
export function catalogue({ service }: MappingDeps): Endpoint<"catalogue"> {
  return async ({ query: { search = "", classification } }) => {
    const wanted = search.toLowerCase();
    const found = service()
      .list()
      .filter((one) => {
        const { name, definition } = one.mapping();
        const { title, owner, classification: is } = definition.catalogue;
        if (classification !== undefined && classification !== is) return false;
        const texts = [name, title, owner, definition.database, definition.mapped.name];
        const columns = [...definition.mapped.key, ...definition.mapped.columns];
        return [...texts, ...columns.map((column) => column.name)].some((text) =>
          text.toLowerCase().includes(wanted),
        );
      });
    return { items: await Promise.all(found.map(mappingSummary)) };
  };
}
