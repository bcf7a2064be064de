import { readdirSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "@gridledger/protocol/library/catalogue";
import { compilerVersion, readSource, runCompiler } from "../src/cli/contracts/compiler.ts";
import { LIBRARY_PREFIX, librarySources } from "../src/cli/contracts/library-sources.ts";

/** A contract of the library as a genesis holds it. */
export interface LibraryArtifact {
  readonly name: string;
  readonly version: number;
  readonly compiler: string;
  readonly code: `0x${string}`;
  readonly abi: readonly object[];
}

const PUSH20 = 0x73;
const ADDRESS_BYTES = 20;

/** Compiles `protocol/contracts`; the same sources and the same compiler give the same bytes. */
export function compileLibrary(): readonly LibraryArtifact[] {
  const folder = librarySources();
  const files = readdirSync(folder).filter((file) => file.endsWith(".sol"));
  const contents = files
    .sort()
    .map((file) => [`${LIBRARY_PREFIX}${file}`, readSource(join(folder, file))]);
  // Without the hash of paths and comments that the compiler would put behind the code.
  const metadata = { appendCBOR: false, bytecodeHash: "none" };
  const run = runCompiler(Object.fromEntries(contents), {
    directory: folder,
    settings: { metadata },
  });
  const compiler = compilerVersion();
  return catalogue.map(({ name, address, version, isLinked }) => {
    const found = run.sources
      .get(`${LIBRARY_PREFIX}${name}.sol`)
      ?.find((each) => each.name === name);
    if (found === undefined) throw new Error(`${name}.sol has no ${name}`);
    const code = isLinked ? placed(found.runtime, address) : found.runtime;
    const abi = found.abi as readonly object[];
    return { name, version, compiler, code: `0x${Buffer.from(code).toString("hex")}`, abi };
  });
}

/** A library's code begins with its own address, which its deployment would have filled in. */
function placed(runtime: Uint8Array, address: Uint8Array): Uint8Array {
  const code = Buffer.from(runtime);
  const isBlank = code.subarray(1, 1 + ADDRESS_BYTES).every((byte) => byte === 0);
  if (code[0] !== PUSH20 || !isBlank) throw new Error("not the code of a library");
  code.set(address, 1);
  return code;
}
