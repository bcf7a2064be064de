import { z } from "zod";
import { type RpcMethod, rpcMethod } from "../rpc-method.ts";

/** What the RPC says of itself: the methods that the caller may call. */
export function rpcMethods(names: () => readonly string[]): readonly RpcMethod[] {
  return [
    rpcMethod({
      name: "rpc_methods",
      params: z.tuple([]),
      run: (_, caller) => names().filter((name) => caller.mayCall(name)),
    }),
  ];
}
