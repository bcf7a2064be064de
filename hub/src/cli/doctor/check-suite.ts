import { testAllProviders } from "@gridledger/protocol/crypto/algorithms";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { asFault } from "@gridledger/protocol/faults";
import { type Finding, fail, ok, warn } from "./check.ts";

/** Every provider of every algorithm against known answers, then the suite with a key of its own. */
export function checkSuite(name: string): Finding {
  try {
    const suite = suiteByName(name);
    const reports = testAllProviders();
    const working = new Set(
      reports.filter(({ state }) => state === "in use").map(({ algorithm }) => algorithm),
    );
    const failed = reports.filter(({ state }) => state === "failed");
    const lost = failed.find(({ algorithm }) => !working.has(algorithm));
    if (lost !== undefined) {
      return fail("suite", `no provider of ${lost.algorithm} works here: ${lost.reason}`);
    }
    const signer = suite.signer(suite.generateKey());
    const message = Buffer.from("gridledger doctor");
    if (!suite.verify(signer.publicKey, message, signer.sign(message))) {
      return fail("suite", `${name}: its own signature is refused`);
    }
    const [first] = failed;
    return first === undefined
      ? ok("suite", `${name} works, all ${reports.length} providers pass their self-tests`)
      : warn("suite", `${first.algorithm} of ${first.provider} is left out: ${first.reason}`);
  } catch (thrown) {
    return fail("suite", `${name}: ${asFault(thrown).message}`);
  }
}
