import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { buildVerifier } from "./verifier.ts";

const source = fileURLToPath(new URL("../../dashboard/src/", import.meta.url));

/**
 * Writes the console: `index.html` and, under `assets/`, minified files with their content's hash in
 * the name. Everything under `assets/` may be cached for ever, `index.html` not at all. Beside it `verify.html`.
 */
export async function buildDashboard(outDir: string): Promise<void> {
  const assets = join(outDir, "assets");
  await rm(assets, { recursive: true, force: true });
  await mkdir(assets, { recursive: true });
  const { metafile } = await build({
    entryPoints: [
      join(source, "navigator-language.ts"),
      join(source, "main.tsx"),
      join(source, "styles/main.css"),
      join(source, "icon.svg"),
    ],
    outdir: assets,
    entryNames: "[name]-[hash]",
    loader: { ".svg": "copy" },
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    splitting: true,
    target: ["es2022", "chrome111", "firefox114", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "silent",
  });
  const page = await readFile(join(source, "index.html"), "utf8");
  const filled = page
    .replace("%LANGUAGE%", assetUrl(metafile, "navigator-language.ts"))
    .replace("%SCRIPT%", assetUrl(metafile, "main.tsx"))
    .replace("%STYLE%", assetUrl(metafile, "main.css"))
    .replace("%ICON%", assetUrl(metafile, "icon.svg"));
  await writeFile(join(outDir, "index.html"), filled);
  await buildVerifier(outDir);
}

/** The URL of what an entry became. */
function assetUrl(metafile: Metafile, entry: string): string {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    const inputs =
      output.entryPoint === undefined ? Object.keys(output.inputs) : [output.entryPoint];
    if (inputs.some((input) => basename(input) === entry)) return `/assets/${basename(path)}`;
  }
  throw new Error(`esbuild wrote nothing for ${entry}`);
}
