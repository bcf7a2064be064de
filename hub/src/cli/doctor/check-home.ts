import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../network/home.ts";
import { type Finding, fail, ok } from "./check.ts";

const OTHERS = 0o077;

/** Keys and directories are their owner's alone. */
export function checkHome(home: Home): Finding {
  const private_ = [home.root, home.keys, ...listKeys(home)];
  const open = private_.filter((path) => (lstatSync(path).mode & OTHERS) !== 0);
  const [first] = open;
  if (first === undefined) return ok("home", `${home.root}: only you can read its keys`);
  const more = open.length === 1 ? "" : ` and ${open.length - 1} more`;
  return fail("home", `others can read ${first}${more}: chmod -R go-rwx ${home.root}`);
}

function listKeys(home: Home): string[] {
  return readdirSync(home.keys).map((name) => join(home.keys, name));
}
