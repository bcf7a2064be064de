import type { Rig } from "./rig.ts";

const BASE = "http://localhost";

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** One request to the hub, and its answer read as JSON where it is some. */
export async function call(rig: Rig, path: string, { method, headers, body }: Call = {}) {
  const response = await rig.app.request(BASE + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const type = response.headers.get("content-type") ?? "";
  const text = type.includes("json") ? await response.text() : "null";
  const json: ReturnType<typeof JSON.parse> = JSON.parse(text);
  return { status: response.status, headers: response.headers, json, response };
}
