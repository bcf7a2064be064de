import { Fault } from "@gridledger/protocol/faults";
import type { Log } from "../../log.ts";
import type { Mappings } from "../../mapping/start-mappings.ts";
import { findings, row, rowProof } from "./mapped-rows.ts";
import {
  addMapping,
  catalogue,
  databases,
  declareChanges,
  mapping,
  mappings,
  pauseMapping,
  runMapping,
  sweepMapping,
} from "./mappings.ts";

export interface MappingEndpointDeps {
  /** Undefined on a hub that maps no databases. */
  readonly mappings: Mappings | undefined;
  readonly log: Log;
}

/** The endpoints of mapped tables. */
export function mappingEndpoints({ mappings: room, log }: MappingEndpointDeps) {
  const get = () => {
    if (room === undefined) throw new Fault("MAPPING_ABSENT");
    return room;
  };
  const deps = { service: () => get().service, databases: () => get().databases, log };
  return {
    mappings: mappings(deps),
    addMapping: addMapping(deps),
    mapping: mapping(deps),
    runMapping: runMapping(deps),
    sweepMapping: sweepMapping(deps),
    pauseMapping: pauseMapping(deps),
    declareChanges: declareChanges(deps),
    findings: findings(deps),
    row: row(deps),
    rowProof: rowProof(deps),
    databases: databases(deps),
    catalogue: catalogue(deps),
  };
}
