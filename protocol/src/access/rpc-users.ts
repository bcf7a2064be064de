import { z } from "zod";
import { Fault } from "../faults.ts";

/** Methods of Ethereum that are permitted together; sending stands apart from reading. */
export const methodGroups = {
  "@ethereum-read": [
    ...(["eth_accounts", "eth_blockNumber", "eth_call", "eth_chainId", "eth_estimateGas"] as const),
    ...(["eth_feeHistory", "eth_gasPrice", "eth_getBalance", "eth_getBlockByHash"] as const),
    ...(["eth_getBlockByNumber", "eth_getCode", "eth_getFilterChanges"] as const),
    ...(["eth_getFilterLogs", "eth_getLogs", "eth_getStorageAt"] as const),
    ...(["eth_getTransactionByHash", "eth_getTransactionCount"] as const),
    ...(["eth_getTransactionReceipt", "eth_maxPriorityFeePerGas"] as const),
    ...(["eth_newBlockFilter", "eth_newFilter", "eth_syncing", "eth_uninstallFilter"] as const),
    ...(["net_listening", "net_version", "web3_clientVersion"] as const),
  ],
  "@ethereum-send": ["eth_sendRawTransaction"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** `eth_call`; the beginning of names and a star: `gl_*`, `*`; or a group: `@ethereum-read`. */
const methodPattern = z
  .string()
  .regex(/^(?:[a-z][A-Za-z0-9_]{0,63}\*?|\*)$/)
  .or(z.enum(Object.keys(methodGroups) as (keyof typeof methodGroups)[]));
const hash32 = z.string().regex(/^[0-9a-f]{64}$/);

const tokenShape = z.strictObject({
  /** What people call it; the token itself is kept by its owner only. */
  id: z.string().regex(/^[a-z0-9-]{1,32}$/),
  /** SHA-256 of the token. */
  hash: hash32,
  methods: z.array(methodPattern).max(64),
  expiresAtMs: z.number().int().nonnegative(),
});

const userShape = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  /** argon2id in PHC form. */
  passwordHash: z.string().startsWith("$argon2id$").max(256),
  methods: z.array(methodPattern).max(64),
  tokens: z.array(tokenShape).max(16),
});

const fileShape = z.strictObject({
  format: z.literal("gridledger-rpc-users/1"),
  users: z.array(userShape).max(256),
});

export type RpcToken = z.infer<typeof tokenShape>;
export type RpcUser = z.infer<typeof userShape>;

/** The users of a node's RPC (guide §5.2.5), as `rpc-users.json` holds them. @throws Fault CONFIG_INVALID */
export function parseRpcUsers(text: string): readonly RpcUser[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", "the RPC users are not JSON", { cause });
  }
  const parsed = fileShape.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault("CONFIG_INVALID", `RPC users: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const names = parsed.data.users.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new Fault("CONFIG_INVALID", "RPC users: a name stands twice");
  }
  return parsed.data.users;
}

/** @throws Fault CONFIG_INVALID for users that could not be read again */
export function formatRpcUsers(users: readonly RpcUser[]): string {
  const text = `${JSON.stringify({ format: "gridledger-rpc-users/1", users }, null, 2)}\n`;
  parseRpcUsers(text);
  return text;
}

/** Whether one of the patterns covers the method. */
export function allowsMethod(patterns: readonly string[], method: string): boolean {
  return patterns.some((pattern) => {
    if (Object.hasOwn(methodGroups, pattern)) {
      const group: readonly string[] = methodGroups[pattern as keyof typeof methodGroups];
      return group.includes(method);
    }
    return pattern.endsWith("*") ? method.startsWith(pattern.slice(0, -1)) : pattern === method;
  });
}
