import { createRequire } from "node:module";
import { compileFunction, createContext, Script } from "node:vm";
import type * as CommonModule from "@ethereumjs/common";
import type * as EvmModule from "@ethereumjs/evm";
import type * as UtilModule from "@ethereumjs/util";
import { Fault } from "@gridledger/protocol/faults";
import { evmSource } from "./evm-source.ts";

/** The modules that a contract machine is made of. */
export interface EvmLibrary {
  readonly evm: typeof EvmModule;
  readonly common: typeof CommonModule;
  readonly util: typeof UtilModule;
  /**
   * Runs what the library calls asynchronous to its end, now. `start` must not be `async` itself: a
   * function of ours would wait in our own queue. @throws Fault INTERNAL where something else is awaited
   */
  finish<Value>(start: () => Promise<Value>): Value;
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

const RUNNER = `return async (start, outcome) => {
  try {
    outcome.value = await start();
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
  const run: (start: () => Promise<unknown>, outcome: Outcome<unknown>) => void = compileFunction(
    RUNNER,
    [],
    { parsingContext: context },
  )();
  const drain = new Script("0");
  return {
    evm: load(outside.resolve("@ethereumjs/evm")) as typeof EvmModule,
    common: outside("@ethereumjs/common"),
    util: outside("@ethereumjs/util"),
    finish<Value>(start: () => Promise<Value>): Value {
      const outcome: Outcome<Value> = {};
      run(start, outcome);
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
  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const outside = createRequire(file);
    const require = (name: string): unknown =>
      name.startsWith(".") ? load(outside.resolve(name)) : outside(name);
    const options = { filename: file, parsingContext: context };
    const body = compileFunction(evmSource(file), parameters, options);
    body(module.exports, require, module, ...Object.values(shared));
    return module.exports;
  };
  return load;
}
