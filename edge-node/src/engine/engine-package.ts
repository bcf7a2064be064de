import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "@gridledger/protocol/faults";
import type { EngineFactory } from "../consensus/engine.ts";

/** Grows when `consensus/ports.ts` changes so that an engine must change with it. */
const INTERFACE_VERSION = 1;
const NAME = /^[a-z0-9@][a-z0-9@/._-]{0,31}$/;

/**
 * Engines from outside (guide §4.2.2 e; docs/engines.md): each package exports `enginePackage`,
 * `{ interfaceVersion: 1, factory }`.
 *
 * @param folder where names are looked up from, as npm does
 * @throws Fault ENGINE_REFUSED
 */
export function loadEngines(
  packages: readonly string[],
  folder: string,
): Promise<readonly EngineFactory[]> {
  return Promise.all(packages.map(async (name) => readEngine(name, await load(name, folder))));
}

async function load(name: string, folder: string): Promise<unknown> {
  try {
    const file = createRequire(join(folder, "node.json")).resolve(name);
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    const where = isAbsolute(name) ? name : `${name} (from ${folder})`;
    throw new Fault("ENGINE_REFUSED", `${where} cannot be loaded: ${String(cause)}`, { cause });
  }
}

function readEngine(name: string, loaded: unknown): EngineFactory {
  const refuse = (detail: string) => new Fault("ENGINE_REFUSED", `${name}: ${detail}`);
  const { enginePackage } = loaded as { readonly enginePackage?: unknown };
  if (typeof enginePackage !== "object" || enginePackage === null) {
    throw refuse('it exports no "enginePackage"');
  }
  const { interfaceVersion, factory } = enginePackage as {
    readonly interfaceVersion?: unknown;
    readonly factory?: Partial<EngineFactory>;
  };
  if (interfaceVersion !== INTERFACE_VERSION) {
    throw refuse(
      `interfaceVersion ${String(interfaceVersion)}, this node has ${INTERFACE_VERSION}`,
    );
  }
  if (typeof factory !== "object" || typeof factory.create !== "function") {
    throw refuse("its factory has no create()");
  }
  if (typeof factory.name !== "string" || !NAME.test(factory.name)) {
    throw refuse("its engine has no name of a-z, 0-9 and @ / . _ -, at most 32 long");
  }
  if (factory.rules !== undefined && typeof factory.rules !== "function") {
    throw refuse("its rules are no function");
  }
  return factory as EngineFactory;
}
