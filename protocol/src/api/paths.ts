import type { Permission } from "./access.ts";
import { accessPaths } from "./access-paths.ts";
import { bundlePaths } from "./bundle-paths.ts";
import { certificatePaths } from "./certificate-paths.ts";
import { contractsPaths } from "./contracts-paths.ts";
import { correctionPaths } from "./correction-paths.ts";
import { enrolmentPaths } from "./enrolment-paths.ts";
import { governancePaths } from "./governance-paths.ts";
import { identityPaths } from "./identity-paths.ts";
import { ledgerPaths } from "./ledger-paths.ts";
import { mappingPaths } from "./mapping-paths.ts";
import { marketPaths } from "./market-paths.ts";
import { meterPaths } from "./meter-paths.ts";
import { networkPaths } from "./network-paths.ts";
import { objectsPaths } from "./objects-paths.ts";
import { recoveryPaths } from "./recovery-paths.ts";
import { webhookPaths } from "./webhook-paths.ts";

/** How a route is called and which permission it takes (`access.ts`); `public` is anybody who reaches the hub. */
export interface RoutePath {
  readonly method: "get" | "post" | "put" | "delete";
  /** OpenAPI form: parameters in braces. */
  readonly path: string;
  readonly permission: Permission | "public";
  /** Where the resource's attributes stand in the request, for a permission that tells some. */
  readonly resource?: Readonly<Record<string, `${"params" | "query" | "body"}.${string}`>>;
}

/**
 * Every REST route, once. A domain has two files: `<domain>-paths.ts`, listed here, and beside it
 * `<domain>-contract.ts` with the shapes, listed in `contract.ts`: the browser gets the paths without a schema library.
 */
export const routePaths = {
  ...networkPaths,
  ...governancePaths,
  ...ledgerPaths,
  ...meterPaths,
  ...correctionPaths,
  ...enrolmentPaths,
  ...contractsPaths,
  ...marketPaths,
  ...webhookPaths,
  ...mappingPaths,
  ...objectsPaths,
  ...bundlePaths,
  ...identityPaths,
  ...accessPaths,
  ...certificatePaths,
  ...recoveryPaths,
} as const satisfies Record<string, RoutePath>;

/** Events of contracts (SSE), guide §4.3.4: `?address=&topic=&after=height.index`, or `Last-Event-ID`. */
export const contractEventsPath = "/api/v1/contract-events";

export type RouteName = keyof typeof routePaths;

/** The event stream (SSE); its events are `StreamEvent` of `contract.ts`. */
export const streamPath = "/api/v1/stream";
