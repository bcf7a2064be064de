import { endWithReader } from "./broken-pipe.ts";
import { reportFailure } from "./errors.ts";
import { closeHubs } from "./hub/connect.ts";
import { buildProgram } from "./program.ts";

endWithReader();
try {
  await buildProgram().parseAsync();
} catch (thrown) {
  process.exitCode = reportFailure(thrown, process.argv.includes("--json"));
} finally {
  await closeHubs();
}
