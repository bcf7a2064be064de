import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { formatAddress } from "@gridledger/protocol/contracts/address";
import { Fault } from "@gridledger/protocol/faults";
import { catalogue } from "@gridledger/protocol/library/catalogue";
import { LIBRARY_PREFIX, librarySources } from "./library-sources.ts";

/** Not `require`: a bundler would take the compiler into the bundle. */
const load = createRequire(import.meta.url);

/** One entry of a contract's ABI, as the compiler writes it. */
type Abi = readonly Readonly<Record<string, unknown>>[];

export interface CompiledSource {
  readonly name: string;
  readonly abi: Abi;
  /** Init code, without constructor arguments. */
  readonly bytecode: Uint8Array;
  /** What runs; a library's own address in it is zero. */
  readonly runtime: Uint8Array;
  /** Libraries whose addresses the compiler was not told. */
  readonly unlinked: readonly string[];
}

interface Code {
  readonly object: string;
  readonly linkReferences: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

type ContractOutput = Readonly<
  Record<
    string,
    {
      readonly abi: Abi;
      readonly evm: { readonly bytecode: Code; readonly deployedBytecode: Code };
    }
  >
>;

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, ContractOutput>>;
}

interface Compiler {
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string;
  version(): string;
}

export interface CompilerRun {
  /** Contracts by source; in the order of the file. */
  readonly sources: ReadonlyMap<string, readonly CompiledSource[]>;
  readonly warnings: readonly string[];
}

/** As the compiler names itself. */
export function compilerVersion(): string {
  return (load("solc") as Compiler).version();
}

/**
 * Runs the compiler on sources by name, with the addresses of the channel's library linked.
 *
 * @throws Fault SOLIDITY_INVALID with the compiler's own words
 */
export function runCompiler(
  sources: Readonly<Record<string, string>>,
  { directory, settings }: { readonly directory: string; readonly settings: object },
): CompilerRun {
  const contents = Object.entries(sources).map(([name, content]) => [name, { content }] as const);
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(contents),
    settings: {
      // The rules that the channel's machine runs by.
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode", "evm.deployedBytecode"] } },
      libraries: libraryAddresses(),
      ...settings,
    },
  };
  const solc: Compiler = load("solc");
  const answer = solc.compile(JSON.stringify(input), { import: importer(directory) });
  const output: CompilerOutput = JSON.parse(answer);
  const messages = output.errors ?? [];
  const errors = messages.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new Fault("SOLIDITY_INVALID", errors.map((error) => error.formattedMessage).join("\n"));
  }
  const compiled = Object.entries(output.contracts ?? {});
  return {
    sources: new Map(compiled.map(([name, named]) => [name, contractsOf(named)])),
    warnings: messages.map((message) => message.formattedMessage),
  };
}

/** @throws Fault SOLIDITY_INVALID */
export function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Fault("SOLIDITY_INVALID", `${file} cannot be read`, { cause });
  }
}

function libraryAddresses() {
  const linked = catalogue.filter(({ isLinked }) => isLinked);
  return Object.fromEntries(
    linked.map(({ name, address }) => [
      `${LIBRARY_PREFIX}${name}.sol`,
      { [name]: formatAddress(address) },
    ]),
  );
}

function contractsOf(named: ContractOutput): readonly CompiledSource[] {
  return Object.entries(named).map(([name, { abi, evm }]) => {
    const { bytecode, deployedBytecode } = evm;
    const unlinked = Object.values(bytecode.linkReferences).flatMap(Object.keys);
    const code = unlinked.length > 0 ? "" : bytecode.object;
    const runtime = unlinked.length > 0 ? "" : deployedBytecode.object;
    return {
      ...{ name, abi, unlinked },
      bytecode: Buffer.from(code, "hex"),
      runtime: Buffer.from(runtime, "hex"),
    };
  });
}

function importer(directory: string) {
  return (path: string): { contents: string } | { error: string } => {
    try {
      return { contents: readSource(locate(path, directory)) };
    } catch (thrown) {
      return { error: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  };
}

function locate(path: string, directory: string): string {
  if (path.startsWith(LIBRARY_PREFIX)) {
    return join(librarySources(), path.slice(LIBRARY_PREFIX.length));
  }
  return path.startsWith("@") ? load.resolve(path) : resolve(directory, path);
}
