import { allowsMethod } from "@gridledger/protocol/access/rpc-users";
import { Fault } from "@gridledger/protocol/faults";
import type { z } from "zod";

/** Who calls, and what this one may call (guide §5.2.5). */
export interface RpcCaller {
  readonly name: string;
  mayCall(method: string): boolean;
}

export function rpcCaller(name: string, patterns: readonly string[]): RpcCaller {
  return { name, mayCall: (method) => allowsMethod(patterns, method) };
}

/** A method of the node's RPC. Groups of them are one file each; `RpcMethods` is their table. */
export interface RpcMethod {
  readonly name: string;
  /** The positional parameters. */
  readonly params: z.ZodType;
  /** @throws Fault; `data.rpcCode` sets another JSON-RPC error number than the usual one */
  run(params: unknown, caller: RpcCaller): unknown;
}

/** Types the parameters of a method by their schema. */
export function rpcMethod<Params extends z.ZodType>(method: {
  readonly name: string;
  readonly params: Params;
  readonly run: (params: z.infer<Params>, caller: RpcCaller) => unknown;
}): RpcMethod {
  const { name, params, run } = method;
  return { name, params, run: (parsed, caller) => run(parsed as z.infer<Params>, caller) };
}

/** The methods of one node by name. */
export class RpcMethods {
  readonly #byName: ReadonlyMap<string, RpcMethod>;

  /** @throws Fault CONFIG_INVALID when two have one name */
  constructor(methods: readonly RpcMethod[]) {
    this.#byName = new Map(methods.map((method) => [method.name, method]));
    if (this.#byName.size < methods.length) {
      throw new Fault("CONFIG_INVALID", "two RPC methods have the same name");
    }
  }

  get(name: string): RpcMethod | undefined {
    return this.#byName.get(name);
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }
}
