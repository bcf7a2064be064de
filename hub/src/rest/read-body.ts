import { Fault } from "@gridledger/protocol/faults";
import type { Context } from "hono";
import { bodyOf } from "./connection.ts";

const MAX_BODY_BYTES = 1_048_576;

/** The JSON of a request's body. @throws Fault REQUEST_INVALID, REQUEST_TOO_LARGE */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Fault("REQUEST_INVALID", "send the body as application/json");
  }
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault("REQUEST_INVALID", "the body is not JSON", { cause });
  }
}

/** The bytes of a request's body, piece by piece. @throws Fault REQUEST_INVALID, REQUEST_TOO_LARGE */
export async function* piecesOf(context: Context, maxBytes: number): AsyncGenerator<Uint8Array> {
  const type = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/octet-stream") {
    throw new Fault("REQUEST_INVALID", "send the body as application/octet-stream");
  }
  if (Number(context.req.header("content-length") ?? 0) > maxBytes) tooLarge(maxBytes);
  let bytes = 0;
  for await (const piece of bodyOf(context)) {
    bytes += piece.length;
    if (bytes > maxBytes) tooLarge(maxBytes);
    yield piece;
  }
}

async function readText(request: Request): Promise<string> {
  const all = await readAll(request, MAX_BODY_BYTES);
  return Buffer.from(all.buffer, all.byteOffset, all.byteLength).toString("utf8");
}

async function readAll(request: Request, maxBytes: number): Promise<Uint8Array> {
  const length = request.headers.get("content-length");
  if (length !== null) {
    // Node's parser reads no more than was announced.
    if (Number(length) > maxBytes) tooLarge(maxBytes);
    return new Uint8Array(await request.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): never {
  throw new Fault("REQUEST_TOO_LARGE", `a body has at most ${maxBytes} bytes`);
}
