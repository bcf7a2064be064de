import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const FOREVER = "public, max-age=31536000, immutable";
const MAX_CACHED_BYTES = 4_194_304;

interface StaticFile {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly mtimeMs: number;
}

/** Files of one directory and nothing outside it. Kept in memory until they change. */
export class StaticFiles {
  readonly #directory: string;
  readonly #files = new Map<string, StaticFile>();

  constructor(directory: string) {
    this.#directory = resolve(directory);
  }

  /**
   * The file under the URL path, or undefined. A name under `assets/` holds its content's hash, so it
   * is cached for ever; every other file is asked for again.
   */
  async serve(urlPath: string, ifNoneMatch?: string): Promise<Response | undefined> {
    const path = this.#pathOf(urlPath);
    const file = path === undefined ? undefined : await this.#load(path);
    if (path === undefined || file === undefined) return undefined;
    const headers = {
      "content-type": types[extname(path)] ?? "application/octet-stream",
      "cache-control": urlPath.startsWith("/assets/") ? FOREVER : "no-cache",
      etag: file.etag,
    };
    if (ifNoneMatch === file.etag) return new Response(null, { status: 304, headers });
    return new Response(new Uint8Array(file.bytes), { headers });
  }

  #pathOf(urlPath: string): string | undefined {
    let decoded: string;
    try {
      decoded = decodeURIComponent(urlPath);
    } catch {
      return undefined;
    }
    if (decoded.includes("\0") || decoded.includes("\\")) return undefined;
    const path = resolve(join(this.#directory, decoded));
    return path.startsWith(this.#directory + sep) ? path : undefined;
  }

  async #load(path: string): Promise<StaticFile | undefined> {
    try {
      const { mtimeMs, size } = await stat(path);
      const known = this.#files.get(path);
      if (known?.mtimeMs === mtimeMs) return known;
      const bytes = await readFile(path);
      const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
      const file = { bytes, etag: `"${digest}"`, mtimeMs };
      if (size <= MAX_CACHED_BYTES) this.#files.set(path, file);
      return file;
    } catch {
      return undefined; // a directory, or nothing
    }
  }
}
