import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const source = fileURLToPath(new URL("../../dashboard/verifier/", import.meta.url));

/** OpenSSL is not there: each provider of it fails its self-test, and the portable one takes its place. */
const withoutNode: Plugin = {
  name: "without-node",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "without-node" }));
    onLoad({ filter: /.*/, namespace: "without-node" }, () => ({
      contents:
        "exports.randomBytes = (length) => crypto.getRandomValues(Buffer.alloc(length));" +
        "exports.randomInt = () => { throw new Error('not here'); };",
      loader: "js",
    }));
    // zod's messages in forty languages: refusals have texts of their own.
    onResolve({ filter: /locales\/index\.js$/ }, () => ({ path: "none", namespace: "empty" }));
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export {};", loader: "js" }));
  },
};

/** One HTML file that verifies evidence, with nothing outside of it; its policy lets nothing else run.
 * Beside it `verifier.js`: the same without a page, for the console. */
export async function buildVerifier(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const [script, style] = await Promise.all([bundle("main.tsx"), bundle("style.css")]);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const filled = (await readFile(join(source, "index.html"), "utf8"))
    .replace("%POLICY%", () => policy)
    .replace("<!--STYLE-->", () => `<style>${style}</style>`)
    .replace("<!--SCRIPT-->", () => `<script id="code">${script}</script>`);
  await writeFile(join(outDir, "verify.html"), filled);
  await writeFile(join(outDir, "verifier.js"), await bundle("worker.ts"));
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(source, entry)],
    inject: !entry.endsWith(".css") ? [join(source, "buffer.ts")] : [],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022", "chrome111", "firefox114", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    charset: "utf8",
    plugins: [withoutNode],
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
