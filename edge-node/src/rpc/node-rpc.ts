import { readFileSync } from "node:fs";
import type { RpcConfig } from "../config.ts";
import { RuntimeSource } from "./ethereum/runtime-source.ts";
import { ethereumMethods } from "./methods/ethereum-methods.ts";
import { nodeMethods } from "./methods/node-methods.ts";
import { rpcMethods } from "./methods/rpc-methods.ts";
import type { LogLevel } from "./node-view.ts";
import { RpcAccess } from "./rpc-access.ts";
import { RpcMethods } from "./rpc-method.ts";
import { RpcServer } from "./rpc-server.ts";
import { RpcUsersFile } from "./rpc-users-file.ts";
import { RuntimeView, type ViewParts } from "./runtime-view.ts";

interface NodeRpcDeps {
  readonly name: string;
  readonly parts: ViewParts;
  readonly log: LogLevel & { error(data: object, message: string): void };
}

/** The RPC of a node, put together. It is loaded only where the configuration asks for it. */
export function createNodeRpc({ name, parts, log }: NodeRpcDeps, config: RpcConfig): RpcServer {
  const node = new RuntimeView(name, parts);
  const users = new RpcUsersFile(config.users);
  const methods: RpcMethods = new RpcMethods([
    ...nodeMethods(node, log),
    ...ethereumMethods(new RuntimeSource(parts)),
    ...rpcMethods(() => methods.names),
  ]);
  const access = new RpcAccess({ users: () => users.read(), now: Date.now });
  const { host, port, tls, allowedOrigins, requestsPerSecond } = config;
  const pem = tls && {
    cert: readFileSync(tls.cert, "latin1"),
    key: readFileSync(tls.key, "latin1"),
  };
  return new RpcServer(
    { methods, access, now: Date.now, log },
    { host, port, tls: pem, allowedOrigins, requestsPerSecond },
  );
}
