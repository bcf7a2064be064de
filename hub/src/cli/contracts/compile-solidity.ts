import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, resolve } from "node:path";
import { Fault } from "@gridledger/protocol/faults";

/** Not `require`: a bundler would take the compiler into the bundle. */
const load = createRequire(import.meta.url);

/** One entry of a contract's ABI, as the compiler writes it. */
type Abi = readonly Readonly<Record<string, unknown>>[];

interface CompiledContract {
  readonly name: string;
  readonly abi: Abi;
  /** Init code, without constructor arguments. */
  readonly bytecode: Uint8Array;
}

export interface Compilation {
  readonly contracts: readonly CompiledContract[];
  readonly warnings: readonly string[];
}

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly abi: Abi; readonly evm: { readonly bytecode: { object: string } } }
        >
      >
    >
  >;
}

interface Compiler {
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string;
}

/**
 * Compiles a Solidity file with the compiler that came with the package: no network. Imports are
 * found beside the file that names them or among the installed packages.
 *
 * @throws Fault SOLIDITY_INVALID with the compiler's own words
 */
export function compileSolidity(file: string): Compilation {
  const name = basename(file);
  const input = {
    language: "Solidity",
    sources: { [name]: { content: read(file) } },
    settings: {
      // The rules that the channel's machine runs by.
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const find = importer(dirname(resolve(file)));
  const solc: Compiler = load("solc");
  const output: CompilerOutput = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  const messages = output.errors ?? [];
  const errors = messages.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new Fault("SOLIDITY_INVALID", errors.map((error) => error.formattedMessage).join("\n"));
  }
  return {
    contracts: contractsOf(output.contracts?.[name] ?? {}),
    warnings: messages.map((message) => message.formattedMessage),
  };
}

function contractsOf(
  named: NonNullable<CompilerOutput["contracts"]>[string],
): readonly CompiledContract[] {
  return Object.entries(named).map(([name, { abi, evm }]) => ({
    name,
    abi,
    bytecode: Buffer.from(evm.bytecode.object, "hex"),
  }));
}

function importer(directory: string) {
  return (path: string): { contents: string } | { error: string } => {
    try {
      const isPackage = path.startsWith("@");
      return { contents: read(isPackage ? load.resolve(path) : resolve(directory, path)) };
    } catch (thrown) {
      return { error: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Fault("SOLIDITY_INVALID", `${file} cannot be read`, { cause });
  }
}
