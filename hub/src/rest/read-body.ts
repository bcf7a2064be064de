import { Fault } from "@gridledger/protocol/faults";

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

async function readText(request: Request): Promise<string> {
  const length = request.headers.get("content-length");
  if (length !== null) {
    // Node's parser reads no more than was announced.
    if (Number(length) > MAX_BODY_BYTES) tooLarge();
    return request.text();
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(): never {
  throw new Fault("REQUEST_TOO_LARGE", `a body has at most ${MAX_BODY_BYTES} bytes`);
}
