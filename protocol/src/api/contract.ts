import { z } from "zod";
import { accessContract } from "./access-contract.ts";
import { bundleContract } from "./bundle-contract.ts";
import { certificateContract } from "./certificate-contract.ts";
import { contractsContract } from "./contracts-contract.ts";
import { copiesContract } from "./copies-contract.ts";
import { correctionContract } from "./correction-contract.ts";
import { enrolmentContract } from "./enrolment-contract.ts";
import { governanceContract } from "./governance-contract.ts";
import { identityContract } from "./identity-contract.ts";
import { keyContract } from "./key-contract.ts";
import { type blockSummary, ledgerContract } from "./ledger-contract.ts";
import { mappingContract } from "./mapping-contract.ts";
import { marketContract } from "./market-contract.ts";
import { meterContract } from "./meter-contract.ts";
import { networkContract, type nodeSummary, type status } from "./network-contract.ts";
import { objectsContract } from "./objects-contract.ts";
import type { RouteName } from "./paths.ts";
import { recoveryContract } from "./recovery-contract.ts";
import { webhookContract } from "./webhook-contract.ts";

const none = z.object({});

/** RFC 9457 problem details; `code` is one of the fault table. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  titleZh: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
});

/** Request and answer of every route of `paths.ts`. */
export const contract = {
  ...networkContract,
  ...governanceContract,
  ...ledgerContract,
  ...meterContract,
  ...correctionContract,
  ...enrolmentContract,
  ...keyContract,
  ...contractsContract,
  ...marketContract,
  ...webhookContract,
  ...mappingContract,
  ...objectsContract,
  ...copiesContract,
  ...bundleContract,
  ...identityContract,
  ...accessContract,
  ...certificateContract,
  ...recoveryContract,
} as const satisfies Record<
  RouteName,
  {
    summary: string;
    params?: z.ZodObject;
    query?: z.ZodObject;
    body?: z.ZodObject;
    /** The body is a stream of bytes, at most so many. */
    rawBody?: number;
    answer: z.ZodType;
  }
>;

export type Contract = typeof contract;

type Part<Name extends RouteName, Key extends string> =
  Contract[Name] extends Record<Key, infer Schema extends z.ZodType>
    ? z.input<Schema>
    : z.input<typeof none>;

/** What a caller of the route gives. */
export type RouteInput<Name extends RouteName> = {
  readonly params: Part<Name, "params">;
  readonly query: Part<Name, "query">;
  readonly body: Part<Name, "body">;
};

/** What the route answers. */
export type RouteAnswer<Name extends RouteName> = z.output<Contract[Name]["answer"]>;

/** Events of the stream: `event:` is the type, `data:` the JSON. */
export interface StreamEvents {
  readonly status: z.output<typeof status>;
  readonly block: z.output<typeof blockSummary>;
  readonly nodes: { readonly items: z.output<typeof nodeSummary>[] };
  /** A mapped table was changed behind our back. */
  readonly alarm: { readonly name: string; readonly kind: string; readonly foundMs: number };
}

export type Status = z.output<typeof status>;
export type BlockSummary = z.output<typeof blockSummary>;
export type NodeSummary = z.output<typeof nodeSummary>;
export type Problem = z.output<typeof problem>;
