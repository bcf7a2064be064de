import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suiteByName } from "@gridledger/protocol/crypto/suites";

const SECONDS = 2;
const PROCESSES = 4;

/**
 * How many signatures this machine verifies a second when four processes do nothing else: the raw
 * rate that validators share, measured like they run.
 */
export async function measureVerifyLimit(suiteName: string): Promise<number> {
  const rates = await Promise.all(Array.from({ length: PROCESSES }, () => rateOfOne(suiteName)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function rateOfOne(suiteName: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [suiteName], {
      execArgv: ["--import", "tsx"],
    });
    child.once("message", (rate) => resolve(Number(rate)));
    child.once("error", reject);
    child.once(
      "exit",
      (code) => code !== 0 && reject(new Error(`verify process ended with ${code}`)),
    );
  });
}

function verifyForAWhile(suiteName: string): number {
  const suite = suiteByName(suiteName);
  const signer = suite.signer(suite.generateKey());
  const message = new Uint8Array(200).fill(7);
  const signature = signer.sign(message);
  const start = performance.now();
  let verified = 0;
  while (performance.now() - start < SECONDS * 1_000) {
    for (let i = 0; i < 50; i++) if (suite.verify(signer.publicKey, message, signature)) verified++;
  }
  return verified / ((performance.now() - start) / 1_000);
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.send(verifyForAWhile(process.argv[2] ?? "international"), () => process.disconnect());
}
