import { commitObject } from "./commit-object.ts";
import { copies } from "./copies.ts";
import { object } from "./object.ts";
import { objectBundle } from "./object-bundle.ts";
import { objectChunk } from "./object-chunk.ts";
import { objectCopies } from "./object-copies.ts";
import { objectData } from "./object-data.ts";
import { objectErasure } from "./object-erasure.ts";
import { objectOpening } from "./object-opening.ts";
import { objects } from "./objects.ts";
import { putChunk } from "./put-chunk.ts";
import { putObject } from "./put-object.ts";
import { transactionBundle } from "./transaction-bundle.ts";

export type ObjectEndpointDeps = Parameters<typeof objects>[0] &
  Parameters<typeof object>[0] &
  Parameters<typeof objectErasure>[0] &
  Parameters<typeof objectCopies>[0] &
  Parameters<typeof copies>[0] &
  Parameters<typeof objectChunk>[0] &
  Parameters<typeof objectData>[0] &
  Parameters<typeof objectBundle>[0] &
  Parameters<typeof transactionBundle>[0] &
  Parameters<typeof objectOpening>[0] &
  Parameters<typeof putObject>[0] &
  Parameters<typeof putChunk>[0] &
  Parameters<typeof commitObject>[0];

export function objectEndpoints(deps: ObjectEndpointDeps) {
  return {
    objects: objects(deps),
    object: object(deps),
    putObject: putObject(deps),
    putChunk: putChunk(deps),
    commitObject: commitObject(deps),
    objectChunk: objectChunk(deps),
    objectData: objectData(deps),
    objectErasure: objectErasure(deps),
    objectCopies: objectCopies(deps),
    copies: copies(deps),
    objectOpening: objectOpening(deps),
    objectBundle: objectBundle(deps),
    transactionBundle: transactionBundle(deps),
  };
}
