import { Fault } from "../../faults.ts";
import { MAX_SPANS } from "../in-force.ts";
import type { GovernanceAction } from "./governance-action.ts";

const MAX_SUITE_ID = 65_535;
const MAX_PACKAGE_BYTES = 128;
/** An npm name, or nothing for a suite that every node has. */
const PACKAGE = /^(?:@[a-z0-9._-]+\/)?[a-z0-9._-]+$|^$/;

/** One more suite that transactions may be signed with (guide §4.1.1 c). */
export interface SuiteChange {
  readonly type: "suite";
  readonly suiteId: number;
  /** npm package that exports it; empty for a suite of this repository. */
  readonly packageName: string;
}

/** `[suiteId, packageName]` */
export const suiteChange: GovernanceAction<SuiteChange> = {
  ...{ number: 6, type: "suite", family: "protocol" },
  write(writer, { suiteId, packageName }) {
    writer.array(2).uint(suiteId).text(packageName);
  },
  read(reader) {
    reader.tuple("suite", 2);
    const suiteId = reader.uint("suiteId", MAX_SUITE_ID);
    const packageName = reader.text("packageName", MAX_PACKAGE_BYTES);
    if (!PACKAGE.test(packageName)) throw new Fault("PROPOSAL_SHAPE", "not the name of a package");
    return { type: "suite", suiteId, packageName };
  },
  slot: ({ suiteId }) => `suite/${suiteId}`,
  check({ suites }, { suiteId }) {
    if (suites.some((known) => known.suiteId === suiteId)) {
      return new Fault("PROPOSAL_UNFIT", `suite ${suiteId} is allowed already`);
    }
    if (suites.length < MAX_SPANS) return undefined;
    return new Fault("PROPOSAL_UNFIT", `at most ${MAX_SPANS} suites`);
  },
  apply: (inForce, { suiteId, packageName }, fromHeight) => {
    return { ...inForce, suites: [...inForce.suites, { fromHeight, suiteId, packageName }] };
  },
};
