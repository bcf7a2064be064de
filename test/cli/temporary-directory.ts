import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is gone after the test. */
export function temporaryDirectory(context: { after(work: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), "gridledger-test-"));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
