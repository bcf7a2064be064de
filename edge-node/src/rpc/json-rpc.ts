import { asFault, Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { RpcCaller, RpcMethods } from "./rpc-method.ts";

const MAX_BATCH = 100;

/** JSON-RPC 2.0 §5.1. */
const errorNumber: Readonly<Partial<Record<FaultCode, number>>> = {
  RPC_REQUEST_INVALID: -32_602,
  RPC_METHOD_UNKNOWN: -32_601,
  INTERNAL: -32_603,
  // As Ethereum's nodes: libraries read the output of a reverted call from the error (EIP-1474).
  CALL_REVERTED: 3,
  LOG_RANGE: -32_005,
  RATE_LIMITED: -32_005,
};
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
/** What a method refused, with our own code beside it. */
const REFUSED = -32_000;

type Id = string | number | null;

interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>> | string;
}

type Answer = { readonly jsonrpc: "2.0"; readonly id: Id } & (
  | { readonly result: unknown }
  | { readonly error: ErrorObject }
);

/** What is answered, or undefined where everything asked was a notification (§4.1). */
export type RpcAnswer = Answer | readonly Answer[] | undefined;

/** Whether a name may be looked up in a table of ours. */
const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length <= 64 && /^[A-Za-z0-9_]+$/.test(value);

/** Answers the text of a request: one call or a batch (§6). It never throws. */
export async function answerRpc(
  methods: RpcMethods,
  caller: RpcCaller,
  text: string,
): Promise<RpcAnswer> {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return failure(null, { code: PARSE_ERROR, message: "the request is not JSON" });
  }
  if (!Array.isArray(request)) return call(methods, caller, request);
  if (request.length === 0 || request.length > MAX_BATCH) {
    return invalid(null, `a batch holds 1 to ${MAX_BATCH} calls`);
  }
  // Side by side: one that waits for a block keeps no other waiting (§6 leaves the order free).
  const answers = await Promise.all(request.map((one) => call(methods, caller, one)));
  const wanted = answers.filter((answer) => answer !== undefined);
  return wanted.length > 0 ? wanted : undefined;
}

async function call(
  methods: RpcMethods,
  caller: RpcCaller,
  request: unknown,
): Promise<Answer | undefined> {
  if (typeof request !== "object" || request === null) return invalid(null, "not an object");
  const { jsonrpc, id, method, params = [] } = request as Readonly<Record<string, unknown>>;
  const isNotification = !Object.hasOwn(request, "id");
  const knownId = typeof id === "string" || typeof id === "number" ? id : null;
  if (jsonrpc !== "2.0") return invalid(knownId, `"jsonrpc" must be "2.0"`);
  if (typeof method !== "string") return invalid(knownId, `"method" must be a name`);
  if (typeof params !== "object" || params === null)
    return invalid(knownId, `"params" must be a list`);
  if (!isNotification && id !== null && id !== knownId) return invalid(null, `"id" is of no use`);
  const answer = await run(methods, caller, method, params).then(
    (result): Answer => ({ jsonrpc: "2.0", id: knownId, result: result ?? null }),
    (thrown: unknown) => failure(knownId, errorOf(asFault(thrown))),
  );
  return isNotification ? undefined : answer;
}

async function run(
  methods: RpcMethods,
  caller: RpcCaller,
  name: string,
  params: object,
): Promise<unknown> {
  const method = isName(name) ? methods.get(name) : undefined;
  // Whoever may not call it learns neither whether it is there.
  if (!caller.mayCall(name)) throw new Fault("RPC_METHOD_DENIED", `${caller.name} may not call it`);
  if (method === undefined) throw new Fault("RPC_METHOD_UNKNOWN");
  const parsed = method.params.safeParse(params);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.length ? `parameter ${issue.path.join(".")}: ` : "";
    throw new Fault("RPC_REQUEST_INVALID", `${name}: ${where}${issue?.message}`);
  }
  return method.run(parsed.data, caller);
}

function errorOf(fault: Fault): ErrorObject {
  const { code, message, data } = fault;
  const number = typeof data.rpcCode === "number" ? data.rpcCode : errorNumber[code];
  const output = code === "CALL_REVERTED" ? data.output : undefined;
  const detail = typeof output === "string" ? output : { ...data, code };
  return { code: number ?? REFUSED, message, data: detail };
}

function failure(id: Id, error: ErrorObject): Answer {
  return { jsonrpc: "2.0", id, error };
}

function invalid(id: Id, message: string): Answer {
  return failure(id, { code: INVALID_REQUEST, message });
}
