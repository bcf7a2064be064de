import { type Finding, fail, ok } from "./check.ts";

const OLDEST = [20, 19] as const;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNewEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return isNewEnough
    ? ok("node", `Node ${version}`)
    : fail("node", `Node ${version} is too old: install ${OLDEST.join(".")} or newer`);
}
