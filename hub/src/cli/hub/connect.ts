import { ApiClient, ApiError, type RequestInput } from "@gridledger/protocol/api/client";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { RouteName } from "@gridledger/protocol/api/paths";
import { Fault, type FaultCode, faultTable } from "@gridledger/protocol/faults";
import type { Command } from "commander";
import { chooseHome } from "../network/home.ts";
import { readRunning } from "../network/running.ts";
import { readClientCertificate } from "./client-certificate.ts";
import { hubFetch } from "./hub-fetch.ts";
import { type Credentials, readCredentials, readToken, Session } from "./session.ts";

const DEFAULT_URL = "http://127.0.0.1:8080";
const TIMEOUT_MS = 35_000;

/** Options of every command that asks a hub. */
export interface HubOptions {
  readonly url?: string;
  readonly home?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly certKey?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

export function withHubOptions(command: Command): Command {
  return command
    .option("--url <url>", "the hub (env GRIDLEDGER_URL; default: the one that runs from the home)")
    .option("--home <directory>", "home of a network on this machine (env GRIDLEDGER_HOME)")
    .option(
      "--ca <file>",
      "authorities of an https hub, PEM (env GRIDLEDGER_CA; default: the home's)",
    )
    .option(
      "--cert <file>",
      "be known by this certificate, with the authorities below the root, PEM (env GRIDLEDGER_CERT)",
    )
    .option("--cert-key <file>", "the key of --cert, PEM, mode 0600 (env GRIDLEDGER_KEY_FILE)")
    .option("--user <name>", "sign in, where the hub wants it (env GRIDLEDGER_USER)")
    .option(
      "--password-file <file>",
      "the password of --user, - for standard input (env GRIDLEDGER_PASSWORD_FILE)",
    )
    .option(
      "--token-file <file>",
      "an API token instead, - for standard input (env GRIDLEDGER_TOKEN_FILE, GRIDLEDGER_TOKEN)",
    )
    .option("--json", "print JSON");
}

/** A hub as the commands see it. */
export interface Hub {
  readonly url: string;
  /** @throws Fault the hub's own, or HUB_UNREACHABLE */
  call<Name extends RouteName>(name: Name, input?: RequestInput<Name>): Promise<RouteAnswer<Name>>;
  /** The whole answer, for what is no JSON. @throws Fault as `call` */
  request<Name extends RouteName>(name: Name, input?: RequestInput<Name>): Promise<Response>;
}

/** What ends the sessions that this run has opened. */
const closers: (() => Promise<void>)[] = [];

/** Signs out of every hub that was asked. */
export async function closeHubs(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

/** A bearer token that a command got for itself. */
interface KnownToken {
  readonly token: string;
}

/** Whether options or environment name somebody to sign in as. */
export function namesSomebody(options: HubOptions): boolean {
  const hasCertificate = options.cert !== undefined || Boolean(process.env.GRIDLEDGER_CERT);
  return hasCertificate || (readToken(options) ?? readCredentials(options)) !== undefined;
}

/** Signs in with the first call, where a user is named; `closeHubs` signs out. */
export function connectHub(options: HubOptions, known?: Credentials | KnownToken): Hub {
  const url = chooseUrl(options);
  const fetch = hubFetch(chooseAuthorities(options, url), readClientCertificate(options, url));
  const { token, credentials } = known === undefined ? chosen(options) : given(known);
  const session = new Session();
  const client = new ApiClient({
    baseUrl: url,
    headers: () => (token ? { authorization: `Bearer ${token}` } : session.headers()),
    fetch: async (input, init) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(input, { ...init, signal });
      session.keep(response);
      return response;
    },
  });
  closers.push(() => session.signOut(client));
  let signedIn: Promise<void> | undefined;
  const ask = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    try {
      if (credentials !== undefined) signedIn ??= session.signIn(client, credentials);
      await signedIn;
      return await work();
    } catch (thrown) {
      throw hubFault(url, thrown);
    }
  };
  return {
    url,
    call: (name, input) =>
      ask(async () => {
        const answer = await client.call(name, input);
        session.renew(answer as object);
        return answer;
      }),
    request: (name, input) => ask(() => client.request(name, input)),
  };
}

interface SignIn {
  readonly token?: string | undefined;
  readonly credentials?: Credentials | undefined;
}

function chosen(options: HubOptions): SignIn {
  const token = readToken(options);
  return token === undefined ? { credentials: readCredentials(options) } : { token };
}

function given(known: Credentials | KnownToken): SignIn {
  return "token" in known ? known : { credentials: known };
}

/** `--url`, else GRIDLEDGER_URL, else what runs from the home, else the default address. */
function chooseUrl(options: HubOptions): string {
  const given = options.url ?? process.env.GRIDLEDGER_URL;
  const url = given ?? (readRunning(chooseHome(options.home))?.url || DEFAULT_URL);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Fault("USAGE_INVALID", `"${url}" is not an http(s) address`);
  }
  return url.replace(/\/+$/, "");
}

/** `--ca`, else GRIDLEDGER_CA, else those of the home whose network this is. */
function chooseAuthorities(options: HubOptions, url: string): string | undefined {
  const given = options.ca ?? process.env.GRIDLEDGER_CA;
  if (given !== undefined) return given;
  const running = readRunning(chooseHome(options.home));
  return url.startsWith("https:") && running?.url === url
    ? (running.authorities ?? undefined)
    : undefined;
}

function hubFault(url: string, thrown: unknown): Fault {
  if (thrown instanceof ApiError) {
    const { code, detail } = thrown.problem;
    const known = typeof code === "string" && Object.hasOwn(faultTable, code);
    return known
      ? new Fault(code as FaultCode, detailFor(code, detail))
      : new Fault("HUB_UNREACHABLE", `${url} does not answer as a hub: ${thrown.message}`);
  }
  return new Fault("HUB_UNREACHABLE", `no hub answers at ${url}`, { cause: thrown });
}

/** The hub's sentence for somebody at a terminal: what to do, and no regular expression. */
function detailFor(code: string, detail: string): string {
  if (code === "NOT_SIGNED_IN") {
    return "this hub answers signed-in people only: use --user <name> --password-file <file>";
  }
  return detail.replace(/must match pattern \/.*\/\w*/g, "it does not have the right form");
}
