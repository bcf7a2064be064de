import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dist = join(root, "dist");
const stampPath = join(dist, "build.json");

/** What goes into dist/: one bundle a process, the CLI, what processes load before their main, and threads. */
const entries = {
  "edge-node": "edge-node/src/main.ts",
  "verifier-thread": "edge-node/src/verifier/verifier-thread.ts",
  hub: "hub/src/main.ts",
  "firmware-bridge": "firmware-bridge/src/main.ts",
  cli: "hub/src/cli/main.ts",
  "with-parent": "hub/src/cli/with-parent.ts",
};

/** Native code, files served as they are, and database drivers that knex asks for by name. */
const external = [
  "sqlite3",
  "@node-rs/argon2",
  "swagger-ui-dist",
  "better-sqlite3",
  "mariadb",
  "mysql",
  "mysql2",
  "oracledb",
  "pg",
  "pg-native",
  "pg-query-stream",
  "tedious",
];

/** A process of an older build may still want its parts. */
const KEEP_PARTS_MS = 604_800_000;

/** CommonJS inside an ES module asks for `require`. */
const banner =
  'import { createRequire as createRequireOfBundle } from "node:module";' +
  "const require = createRequireOfBundle(import.meta.url);";

/** zod brings its messages in fifty languages; ours are in the fault tables. */
const englishOnly: Plugin = {
  name: "english-only",
  setup(hooks) {
    hooks.onResolve({ filter: /^\.\.\/locales\/index\.js$/ }, ({ resolveDir }) => {
      return { path: join(resolveDir, "../locales/en.js") };
    });
  },
};

/**
 * V8 keeps the text of every module that it has loaded, two bytes a character where one is not ASCII: so
 * without white space and comments, and in parts, so that a process holds only what it imports.
 */
const shared = {
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: "external",
  sourcemap: "external",
  external,
  plugins: [englishOnly],
  banner: { js: banner },
  logLevel: "warning",
  write: false,
  absWorkingDir: root,
  outdir: dist,
  // Beside the entries: what looks for a file relative to itself finds it from any part.
  chunkNames: "part-[name]-[hash]",
  outExtension: { ".js": ".mjs" },
} satisfies BuildOptions;

/** Builds dist/ unless it is of these very sources. True when it was built. */
export async function buildAll(): Promise<boolean> {
  const fingerprint = hashSources();
  if (readStamp() === fingerprint) {
    const now = new Date();
    utimesSync(stampPath, now, now);
    return false;
  }
  mkdirSync(dist, { recursive: true });
  await bundle();
  await buildDashboard();
  cpSync(join(root, "firmware-bridge/captures"), join(dist, "captures"), { recursive: true });
  cpSync(join(root, "protocol/contracts"), join(dist, "contracts"), { recursive: true });
  linkHubPackages();
  replace(stampPath, JSON.stringify({ fingerprint }));
  return true;
}

/** Parts first: an entry names them by their hashes. */
async function bundle(): Promise<void> {
  const { outputFiles } = await build({ ...shared, entryPoints: entries });
  const [parts, mains] = [outputFiles.filter(isPart), outputFiles.filter((one) => !isPart(one))];
  for (const file of [...parts, ...mains]) replace(file.path, file.contents);
  const current = new Set(parts.map(({ path }) => path));
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (isPart({ path }) && !current.has(path) && ageMs(path) > KEEP_PARTS_MS) rmSync(path);
  }
}

function isPart({ path }: { readonly path: string }): boolean {
  return basename(path).startsWith("part-");
}

function ageMs(path: string): number {
  return Date.now() - statSync(path).mtimeMs;
}

/** The dashboard's own author writes how it is built. */
async function buildDashboard(): Promise<void> {
  const script = new URL("./dashboard.ts", import.meta.url);
  if (!existsSync(script)) return;
  const module: { buildDashboard(outDir: string): Promise<unknown> } = await import(script.href);
  const outDir = join(dist, "dashboard");
  const beside = `${outDir}.${process.pid}`;
  await module.buildDashboard(beside);
  rmSync(outDir, { recursive: true, force: true });
  renameSync(beside, outDir);
}

/** External packages that npm keeps in hub/node_modules must be found from dist/ too. */
function linkHubPackages(): void {
  const link = join(dist, "node_modules");
  rmSync(link, { force: true });
  if (existsSync(join(root, "hub/node_modules"))) symlinkSync("../hub/node_modules", link);
}

/** Whole file or old file: somebody may start from dist/ just now. */
function replace(path: string, content: string | Uint8Array): void {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, content);
  renameSync(beside, path);
}

function readStamp(): string | undefined {
  try {
    return JSON.parse(readFileSync(stampPath, "utf8")).fingerprint;
  } catch {
    return undefined;
  }
}

/** Over names and contents of all that bundles are made from. */
function hashSources(): string {
  const hash = createHash("sha256");
  const directories = ["protocol", "edge-node", "hub", "firmware-bridge", "dashboard"];
  const files = directories.flatMap((directory) => listFiles(join(root, directory)));
  for (const file of [...files, join(root, "package-lock.json")].sort()) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return skipped.has(basename(path)) ? [] : listFiles(path);
    return [path];
  });
}

const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", "c"]);
