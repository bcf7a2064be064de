import { Agent, fetch as fetchWith } from "undici";
import { readBytes } from "../files.ts";
import type { ClientCertificate } from "./client-certificate.ts";

type Fetch = typeof globalThis.fetch;

/**
 * `fetch` that believes servers certified below these authorities, and no others, and shows them a
 * certificate. Node's own has no way to be told.
 *
 * @param file PEM; undefined: the authorities of the platform @throws Fault FILE_UNREADABLE
 */
export function hubFetch(file: string | undefined, shown?: ClientCertificate): Fetch {
  if (file === undefined && shown === undefined) {
    return (input, init) => globalThis.fetch(input, init);
  }
  const ca = file === undefined ? {} : { ca: readBytes(file).toString("latin1") };
  const dispatcher = new Agent({ connect: { ...ca, ...shown } });
  // undici's types are those of the web with another name for each.
  return ((input: string, init: object) => fetchWith(input, { ...init, dispatcher })) as never;
}
