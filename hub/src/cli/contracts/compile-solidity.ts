import { basename, dirname, resolve } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import { catalogue } from "@gridledger/protocol/library/catalogue";
import { type CompiledSource, readSource, runCompiler } from "./compiler.ts";
import { LIBRARY_PREFIX } from "./library-sources.ts";

export interface Compilation {
  readonly contracts: readonly CompiledSource[];
  readonly warnings: readonly string[];
}

/**
 * Compiles a Solidity file with the compiler that came with the package: no network. Imports are
 * found beside the file that names them, in the channel's library (`@gridledger/contracts/…`, whose
 * addresses are linked) or among the installed packages.
 *
 * @throws Fault SOLIDITY_INVALID with the compiler's own words
 */
export function compileSolidity(file: string): Compilation {
  const name = basename(file);
  const { sources, warnings } = runCompiler(
    { [name]: readSource(file) },
    { directory: dirname(resolve(file)), settings: {} },
  );
  const contracts = sources.get(name) ?? [];
  for (const contract of contracts) refuseUnlinked(file, contract);
  return { contracts, warnings };
}

/** A library of the user's own has no address that the compiler could know. */
function refuseUnlinked(file: string, { name, unlinked }: CompiledSource): void {
  if (unlinked.length === 0) return;
  const known = catalogue.some((entry) => unlinked.includes(entry.name));
  const why = known ? `: import it as ${LIBRARY_PREFIX}${unlinked[0]}.sol` : "";
  throw new Fault(
    "SOLIDITY_INVALID",
    `${file}: ${name} needs the library ${unlinked.join(", ")}, which has no address${why}`,
  );
}
