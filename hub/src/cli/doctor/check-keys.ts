import { dirname } from "node:path";
import { asFault } from "@gridledger/protocol/faults";
import { HomeKeys } from "../keys/home-keys.ts";
import type { Home } from "../network/home.ts";
import { type Finding, fail, ok, warn } from "./check.ts";

/** Every key is sealed, opens, and is within its period (guide §4.1.2). */
export function checkKeys(home: Home, nowMs: number): Finding {
  const keys = new HomeKeys(home);
  const check = "keys";
  try {
    const pages = keys.list();
    // Those of the authority have a secret of their own, which the hub tries at its start.
    for (const { file } of pages) if (dirname(file) === home.keys) keys.open(file);
    const clear = keys.clear();
    if (clear.length > 0) {
      return warn(check, `in the clear: ${clear.join(", ")}; stop, then gridledger key seal`);
    }
    const overdue = keys.newest().filter(({ validUntilMs }) => validUntilMs <= nowMs);
    if (overdue.length > 0) {
      return warn(check, `overdue: ${overdue.map(({ module }) => module).join(", ")}`);
    }
    return ok(check, `${pages.length} key pages, each sealed and within its period`);
  } catch (thrown) {
    const { code, message } = asFault(thrown);
    return fail(check, `${code}: ${message}`);
  }
}
