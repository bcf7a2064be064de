import { createRequire } from "node:module";
import { compileFunction, createContext, Script } from "node:vm";
import type * as CommonModule from "@ethereumjs/common";
import type * as EvmModule from "@ethereumjs/evm";
import type * as UtilModule from "@ethereumjs/util";
import { Fault } from "@gridledger/protocol/faults";
import { evmBytes } from "./evm-bytes.ts";
import { evmSource } from "./evm-source.ts";

/** The modules that a contract machine is made of. */
export interface EvmLibrary {
  readonly evm: typeof EvmModule;
  readonly common: typeof CommonModule;
  readonly util: typeof UtilModule;
  /**
   * Runs what the library calls asynchronous to its end, now, and `then` what comes after it. `start` must not be `async` itself: a
   * function of ours would wait in our own queue. @throws Fault INTERNAL where something else is awaited
   */
  finish<Value>(start: () => Promise<Value>, then?: (value: Value) => Promise<unknown>): Value;
}

interface Outcome<Value> {
  value?: Value;
  error?: unknown;
  state?: "done" | "failed";
}

/** Everything of ours that the library's modules use, so that both sides mean the same types. */
const shared: Readonly<Record<string, unknown>> = {
  ...{ Array, ArrayBuffer, BigInt, Boolean, DataView, Date, Error, JSON, Map, Math, Number },
  ...{ Object, RangeError, Set, String, Symbol, TypeError, Uint8Array, Uint16Array, Uint32Array },
  ...{ WeakMap, process, console, globalThis },
};

const UTIL = "@ethereumjs/util";

const RUNNER = `return async (start, then, outcome) => {
  try {
    outcome.value = await start();
    if (then !== undefined) await then(outcome.value);
    outcome.state = "done";
  } catch (error) {
    outcome.error = error;
    outcome.state = "failed";
  }
};`;

/**
 * Loads `@ethereumjs/evm` with a queue of its own for its promises (ADR 019). The library is written
 * with `async` throughout and waits for nothing but its state, which is in memory; Node drains such a
 * queue before `runInContext` returns, so a call that is started here is over here, and the rules of
 * the chain stay plain synchronous functions.
 */
export function loadEvmLibrary(): EvmLibrary {
  const context = createContext({}, { microtaskMode: "afterEvaluate" });
  const load = moduleLoader(context);
  const outside = createRequire(import.meta.url);
  const run = compileFunction(RUNNER, [], { parsingContext: context })();
  const drain = new Script("0");
  return {
    evm: load(outside.resolve("@ethereumjs/evm")) as typeof EvmModule,
    common: outside("@ethereumjs/common"),
    util: outside(UTIL),
    finish<Value>(start: () => Promise<Value>, then?: (value: Value) => Promise<unknown>): Value {
      const outcome: Outcome<Value> = {};
      run(start, then, outcome);
      drain.runInContext(context);
      if (outcome.state === "failed") throw outcome.error;
      if (outcome.state === undefined) throw new Fault("INTERNAL", "a contract waits");
      return outcome.value as Value;
    },
  };
}

/** CommonJS modules of the one package, compiled in the context; what they need beside is ours. */
function moduleLoader(context: object): (file: string) => unknown {
  const modules = new Map<string, { exports: unknown }>();
  const parameters = ["exports", "require", "module", ...Object.keys(shared)];
  let util: object | undefined;
  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const outside = createRequire(file);
    const require = (name: string): unknown => {
      if (name.startsWith(".")) return load(outside.resolve(name));
      // It hands on its parts by a getter each: those are asked once here and not at each use.
      if (name !== UTIL) return outside(name);
      util ??= { ...outside(UTIL), ...evmBytes };
      return util;
    };
    const options = { filename: file, parsingContext: context };
    const body = compileFunction(evmSource(file), parameters, options);
    body(module.exports, require, module, ...Object.values(shared));
    return module.exports;
  };
  return load;
}
