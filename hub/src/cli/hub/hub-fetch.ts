import { readFileSync } from "node:fs";
import { Agent, fetch as fetchWith } from "undici";
import { fileFault } from "../errors.ts";

type Fetch = typeof globalThis.fetch;

/**
 * `fetch` that believes servers certified below these authorities, and no others. Node's own has no
 * way to be told.
 *
 * @param file PEM; undefined: the authorities of the platform @throws Fault FILE_UNREADABLE
 */
export function hubFetch(file: string | undefined): Fetch {
  if (file === undefined) return (input, init) => globalThis.fetch(input, init);
  let ca: string;
  try {
    ca = readFileSync(file, "latin1");
  } catch (thrown) {
    throw fileFault(file, thrown);
  }
  const dispatcher = new Agent({ connect: { ca } });
  // undici's types are those of the web with another name for each.
  return ((input: string, init: object) => fetchWith(input, { ...init, dispatcher })) as never;
}
