import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import fc from "fast-check";
import { z } from "zod";
import { answerRpc } from "../../edge-node/src/rpc/json-rpc.ts";
import { RpcMethods, rpcCaller, rpcMethod } from "../../edge-node/src/rpc/rpc-method.ts";

const calls: unknown[] = [];
const methods = new RpcMethods([
  rpcMethod({
    name: "sum",
    params: z.tuple([z.number(), z.number()]),
    run: ([a, b]) => {
      calls.push([a, b]);
      return a + b;
    },
  }),
  rpcMethod({
    name: "refuse",
    params: z.tuple([]),
    run: () => {
      throw new Fault("NOT_FOUND", "no such block", { data: { rpcCode: -32_001 } });
    },
  }),
  rpcMethod({
    name: "fail",
    params: z.tuple([]),
    run: () => {
      throw new Error("secret inside");
    },
  }),
]);
const caller = rpcCaller("ann", ["*"]);
const ask = (value: unknown) => answerRpc(methods, caller, JSON.stringify(value));
const errorOf = async (value: unknown) => {
  const { error } = (await ask(value)) as unknown as { error: { code: number; data?: object } };
  return error;
};

describe("JSON-RPC 2.0", () => {
  it("answers a call under its id", async () => {
    const answer = await ask({ jsonrpc: "2.0", id: "x", method: "sum", params: [2, 3] });
    assert.deepEqual(answer, { jsonrpc: "2.0", id: "x", result: 5 });
  });

  it("answers a batch in order, notifications not at all", async () => {
    calls.length = 0;
    const answer = await ask([
      { jsonrpc: "2.0", id: 1, method: "sum", params: [1, 1] },
      { jsonrpc: "2.0", method: "sum", params: [2, 2] },
      { jsonrpc: "2.0", id: 2, method: "nothing" },
      1,
    ]);
    assert.deepEqual(calls, [
      [1, 1],
      [2, 2],
    ]);
    const errors = (answer as unknown as { id: unknown; error?: { code: number } }[]).map(
      ({ id, error }) => [id, error?.code ?? 0],
    );
    assert.deepEqual(errors, [
      [1, 0],
      [2, -32_601],
      [null, -32_600],
    ]);
    assert.equal(await ask([{ jsonrpc: "2.0", method: "sum", params: [2, 2] }]), undefined);
  });

  it("says what is wrong with the number of the standard and our own code", async () => {
    const numbers = await Promise.all([
      answerRpc(methods, caller, "{").then((answer) => (answer as { error?: unknown }).error),
      errorOf([]),
      errorOf({ id: 1, method: "sum" }),
      errorOf({ jsonrpc: "2.0", id: 1, method: "sum", params: ["1", 2] }),
      errorOf({ jsonrpc: "2.0", id: 1, method: "sum", params: { a: 1 } }),
      errorOf({ jsonrpc: "2.0", id: {}, method: "sum", params: [1, 2] }),
      errorOf({ jsonrpc: "2.0", id: 1, method: "refuse" }),
    ]).then((errors) => errors.map((error) => (error as { code: number }).code));
    assert.deepEqual(numbers, [-32_700, -32_600, -32_600, -32_602, -32_602, -32_600, -32_001]);
    const { data } = await errorOf({ jsonrpc: "2.0", id: 1, method: "refuse" });
    assert.deepEqual(data, { rpcCode: -32_001, code: "NOT_FOUND" });
  });

  it("tells nobody what failed inside", async () => {
    const error = await errorOf({ jsonrpc: "2.0", id: 1, method: "fail" });
    assert.doesNotMatch(JSON.stringify(error), /secret/);
    assert.equal(error.code, -32_603);
  });

  it("knows no method by a name of Object.prototype", async () => {
    for (const method of ["constructor", "__proto__", "toString"]) {
      assert.equal((await errorOf({ jsonrpc: "2.0", id: 1, method })).code, -32_601);
    }
  });

  it("asks for the permission before it says whether a method is there", async () => {
    const limited = rpcCaller("bob", ["sum"]);
    for (const method of ["refuse", "nothing"]) {
      const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method });
      const answer = (await answerRpc(methods, limited, request)) as unknown as {
        error: { data: { code: string } };
      };
      assert.equal(answer.error.data.code, "RPC_METHOD_DENIED");
    }
  });
});

test("property: no text makes it throw, and what is answered is JSON-RPC", async () => {
  const request = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        {
          jsonrpc: fc.constantFrom("2.0", "1.0", 2),
          id: fc.jsonValue(),
          method: fc.oneof(fc.constantFrom("sum", "refuse", "fail"), fc.jsonValue()),
          params: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(request, async (text) => {
      const answer = await answerRpc(methods, caller, text);
      const answers = answer === undefined ? [] : Array.isArray(answer) ? answer : [answer];
      for (const one of answers) assert.equal(one.jsonrpc, "2.0");
    }),
    { numRuns: 2_000 },
  );
});
