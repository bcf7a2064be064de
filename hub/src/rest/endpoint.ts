import type { contract, RouteAnswer } from "@gridledger/protocol/api/contract";
import type { RouteName } from "@gridledger/protocol/api/paths";
import type { z } from "zod";
import type { Caller } from "./caller.ts";

type Part<Name extends RouteName, Key extends string> =
  (typeof contract)[Name] extends Record<Key, infer Schema extends z.ZodType>
    ? z.output<Schema>
    : undefined;

export interface StreamAnswer {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ReadableStream<Uint8Array>;
}

/** What an endpoint may say beside its answer. */
export interface ReplyControls {
  status(code: 200 | 202): void;
  /** The session cookie; null takes it away. */
  session(token: string | null): void;
  /** The answer never changes under this tag. */
  immutable(tag: string): void;
  /** These bytes instead of the answer in JSON or CBOR. */
  raw(contentType: string, body: Uint8Array | string): void;
  /** A stream instead of the answer, with headers of its own. */
  stream(answer: StreamAnswer): void;
}

/** A request whose parts are already of the contract's shapes, by a caller who may call. */
export interface EndpointRequest<Name extends RouteName> {
  readonly params: Part<Name, "params">;
  readonly query: Part<Name, "query">;
  readonly body: Part<Name, "body">;
  /** The body as it comes in, where the contract takes bytes; else nothing. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** A header of the request. */
  readonly header: (name: string) => string | undefined;
  readonly caller: Caller;
  readonly reply: ReplyControls;
}

/** One route's work. Refusals are thrown as Faults. */
export type Endpoint<Name extends RouteName> = (
  request: EndpointRequest<Name>,
) => RouteAnswer<Name> | Promise<RouteAnswer<Name>>;
