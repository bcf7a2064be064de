import { lookup as lookUp } from "node:dns";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Fault } from "@gridledger/protocol/faults";

const TIMEOUT_MS = 10_000;

/** Where no receiver lives: link-local (a cloud's own data), unspecified, multicast. */
const nowhere = new BlockList();
nowhere.addSubnet("169.254.0.0", 16);
nowhere.addSubnet("0.0.0.0", 8);
nowhere.addSubnet("224.0.0.0", 3);
nowhere.addSubnet("fe80::", 10, "ipv6");
nowhere.addSubnet("ff00::", 8, "ipv6");
nowhere.addAddress("::", "ipv6");
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

export interface PostRules {
  /** Receivers on this machine, and without TLS: for a hub that nobody else reaches. */
  readonly allowsLoopback: boolean;
}

/** @throws Fault WEBHOOK_URL */
export function checkUrl(text: string, { allowsLoopback }: PostRules): void {
  const url = URL.parse(text);
  if (url === null) throw new Fault("WEBHOOK_URL", "not a URL");
  if (url.username !== "" || url.password !== "") {
    throw new Fault("WEBHOOK_URL", "no name or password in the URL: the signature says who sends");
  }
  const isPlain = url.protocol === "http:" && allowsLoopback;
  if (url.protocol !== "https:" && !isPlain) throw new Fault("WEBHOOK_URL", "not https");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) checkAddress(host, { allowsLoopback });
}

function checkAddress(address: string, { allowsLoopback }: PostRules): void {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const isRefused =
    nowhere.check(address, family) || (!allowsLoopback && loopback.check(address, family));
  if (isRefused) throw new Fault("WEBHOOK_URL", `${address} is no address for a receiver`);
}

/** The name is looked up and judged for each connection: what it pointed to before proves nothing. */
function guardedLookup(rules: PostRules): LookupFunction {
  return (host, options, done) => {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, "", 0);
      try {
        for (const { address } of addresses) checkAddress(address, rules);
      } catch (thrown) {
        return done(thrown as Error, "", 0);
      }
      const [first] = addresses;
      if (options.all === true) return done(null, addresses);
      return done(null, first?.address ?? "", first?.family ?? 0);
    });
  };
}

export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<number>;

/** Posts JSON and gives the status; follows no redirect and reads no answer. */
export function makePost(rules: PostRules): Post {
  const lookup = guardedLookup(rules);
  return (url, headers, body) =>
    new Promise((resolve, reject) => {
      checkUrl(url, rules);
      const send = url.startsWith("https:") ? requestTls : requestPlain;
      const sent = send(
        url,
        {
          method: "POST",
          headers: {
            ...headers,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
          },
          lookup,
          agent: false,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
        (answer) => {
          answer.destroy();
          resolve(answer.statusCode ?? 0);
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
}
