// Makes the test files ready for plain Node: read once here by esbuild, and not by a loader in each file's process.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** The project's own sources come in, packages stay outside; every source knows where it lies itself. */
const fromSource = {
  name: "from-source",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ kind, path }) =>
      kind === "entry-point" || path.startsWith("@gridledger/")
        ? undefined
        : { path, external: true },
    );
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8").replaceAll(
        "import.meta.url",
        JSON.stringify(pathToFileURL(path).href),
      ),
    }));
  },
};

/** Paths below `root` in, paths of compiled files out, in a folder of this run, which is removed when it ends. */
export async function compile(root, files) {
  const folder = join("dist", `tests-${process.pid}`);
  mkdirSync(join(root, folder), { recursive: true });
  process.on("exit", () => rmSync(join(root, folder), { recursive: true, force: true }));
  // Packages that npm keeps in hub/node_modules must be found from here too.
  const packages = join(root, "hub/node_modules");
  if (existsSync(packages)) symlinkSync(packages, join(root, folder, "node_modules"));
  await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir: folder,
    outbase: ".",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "linked",
    logLevel: "warning",
    plugins: [fromSource],
  });
  return files.map((file) => join(folder, file.replace(/\.ts$/, ".mjs")));
}
