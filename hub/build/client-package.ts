import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sources = join(root, "protocol/src");
/** What programs of others import; the first is the package itself. */
const entries = ["market/trading-client", "api/client", "faults"];

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** Makes `@gridledger/client` in the folder: plain JavaScript and types, ready for `npm pack`. */
export async function buildClientPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    ...{ absWorkingDir: sources, outdir: folder, logLevel: "warning" },
    entryPoints: entries.map((entry) => `${entry}.ts`),
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", target: "node20" },
  });
  writeTypes(folder);
  const { version, license } = manifestOf(root);
  const zod = manifestOf(join(root, "protocol")).dependencies?.zod;
  const of = (entry: string) => ({ types: `./${entry}.d.ts`, default: `./${entry}.js` });
  const named = entries.map((entry) => [`./${entry}`, of(entry)]);
  const manifest = {
    ...{ name: "@gridledger/client", version, license, type: "module" },
    description: "Trading on a Gridledger channel: signed orders, trades, settlements, news.",
    engines: { node: ">=20.19.0" },
    exports: { ".": of(entries[0]!), ...Object.fromEntries(named) },
    // The shapes of answers are declared with it.
    dependencies: { zod },
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function writeTypes(folder: string): void {
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      ...{ noEmit: false, declaration: true, emitDeclarationOnly: true },
      ...{ rootDir: sources, outDir: folder, rewriteRelativeImportExtensions: true },
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: entries.map((entry) => join(sources, `${entry}.ts`)),
    include: [],
  };
  const project = join(folder, "tsconfig.json");
  writeFileSync(project, JSON.stringify(options));
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  execFileSync(process.execPath, [join(typescript, "bin/tsc"), "-p", project], {
    stdio: "inherit",
  });
  rmSync(project);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".d.ts")) continue;
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(/(["'])(\.[^"']+)\.ts\1/g, '"$2.js"'));
  }
}
