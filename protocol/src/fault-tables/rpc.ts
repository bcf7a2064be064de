import type { FaultTable } from "./fault-table.ts";

/** The node's RPC door (guide §5.2.5). */
export const rpcFaults = {
  RPC_UNAUTHORIZED: {
    status: 401,
    en: "The node's RPC wants a user name with its password, or a token; send an Authorization header.",
    zh: "节点 RPC 需要用户名与密码或令牌；请发送 Authorization 请求头。",
  },
  RPC_METHOD_DENIED: {
    status: 403,
    en: "This user or token may not call the method; ask whoever runs the node.",
    zh: "该用户或令牌无权调用此方法；请联系节点管理者。",
  },
  RPC_METHOD_UNKNOWN: {
    status: 404,
    en: "The node has no such method; rpc_methods lists those you may call.",
    zh: "节点没有此方法；rpc_methods 可列出您能调用的方法。",
  },
  RPC_REQUEST_INVALID: {
    status: 400,
    en: "The request is not JSON-RPC 2.0, or its parameters are not those of the method.",
    zh: "请求不符合 JSON-RPC 2.0，或参数与方法不符。",
  },
} as const satisfies FaultTable;
