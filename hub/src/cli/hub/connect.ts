import { ApiClient, ApiError } from "@gridledger/protocol/api/client";
import type { RouteAnswer, RouteInput } from "@gridledger/protocol/api/contract";
import type { RouteName } from "@gridledger/protocol/api/paths";
import { Fault, type FaultCode, faultTable } from "@gridledger/protocol/faults";
import type { Command } from "commander";
import { chooseHome } from "../network/home.ts";
import { readRunning } from "../network/running.ts";

const DEFAULT_URL = "http://127.0.0.1:8080";
const TIMEOUT_MS = 35_000;

/** Options of every command that asks a hub. */
export interface HubOptions {
  readonly url?: string;
  readonly home?: string;
  readonly json?: boolean;
}

export function withHubOptions(command: Command): Command {
  return command
    .option("--url <url>", "the hub (env GRIDLEDGER_URL; default: the one that runs from the home)")
    .option("--home <directory>", "home of a network on this machine (env GRIDLEDGER_HOME)")
    .option("--json", "print JSON");
}

/** A hub as the commands see it. */
export interface Hub {
  readonly url: string;
  /** @throws Fault the hub's own, or HUB_UNREACHABLE */
  call<Name extends RouteName>(
    name: Name,
    input?: Partial<RouteInput<Name>>,
  ): Promise<RouteAnswer<Name>>;
}

export function connectHub(options: HubOptions): Hub {
  const url = chooseUrl(options);
  const client = new ApiClient({
    baseUrl: url,
    fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }),
  });
  return {
    url,
    async call(name, input) {
      try {
        return await client.call(name, input);
      } catch (thrown) {
        throw hubFault(url, thrown);
      }
    },
  };
}

/** `--url`, else GRIDLEDGER_URL, else what runs from the home, else the default address. */
function chooseUrl(options: HubOptions): string {
  const given = options.url ?? process.env.GRIDLEDGER_URL;
  const url = given ?? (readRunning(chooseHome(options.home))?.url || DEFAULT_URL);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Fault("REQUEST_INVALID", `"${url}" is not an http(s) address`);
  }
  return url.replace(/\/+$/, "");
}

function hubFault(url: string, thrown: unknown): Fault {
  if (thrown instanceof ApiError) {
    const { code, detail } = thrown.problem;
    const known = typeof code === "string" && Object.hasOwn(faultTable, code);
    return known
      ? new Fault(code as FaultCode, detail)
      : new Fault("HUB_UNREACHABLE", `${url} does not answer as a hub: ${thrown.message}`);
  }
  return new Fault("HUB_UNREACHABLE", `no hub answers at ${url}`, { cause: thrown });
}
