import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { NetworkEvent } from "../../hub/src/cli/network/network-event.ts";
import { parseProcessError, parseProcessEvent } from "../../hub/src/cli/network/process-event.ts";
import { createReporter } from "../../hub/src/cli/network/reporter.ts";
import { RestartDelay } from "../../hub/src/cli/network/restart-delay.ts";
import { RotatingLog } from "../../hub/src/cli/network/rotating-log.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test("a process that ends early is started again later and later, one that was well at once", () => {
  const delay = new RestartDelay();
  const waits = Array.from({ length: 8 }, () => delay.after(100));
  assert.deepEqual(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  assert.equal(delay.after(60_000), 250);
});

test("a log never takes more than twice its cap", (context) => {
  const path = join(temporaryDirectory(context), "logs", "hub.log");
  const log = new RotatingLog(path, 1_000);
  for (let i = 0; i < 100; i++) log.writeLine(`line ${i} ${"x".repeat(80)}`);
  log.close();
  assert.ok(statSync(path).size <= 1_000);
  assert.ok(statSync(`${path}.1`).size <= 1_000);
  assert.match(readFileSync(path, "utf8"), /line 99/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("events and errors are told from log lines", () => {
  assert.deepEqual(parseProcessEvent('{"event":"ready","height":7,"name":"a"}'), {
    event: "ready",
    height: 7,
  });
  assert.equal(parseProcessEvent('{"level":30,"msg":"event"}'), undefined);
  assert.equal(parseProcessEvent('"event" but no JSON'), undefined);
  assert.deepEqual(parseProcessError('{"level":60,"code":"STORE_CORRUPT","msg":"chain.db"}'), {
    code: "STORE_CORRUPT",
    detail: "chain.db",
  });
  const withFile = '{"level":60,"code":"STORE_CORRUPT","data":{"file":"/a/b"},"msg":"no database"}';
  assert.equal(parseProcessError(withFile)?.detail, "/a/b: no database");
  assert.deepEqual(parseProcessError('{"event":"failed","code":"KEY_INVALID","message":"no"}'), {
    code: "KEY_INVALID",
    detail: "no",
  });
  assert.equal(parseProcessError('{"level":30,"msg":"fine"}'), undefined);
  assert.equal(parseProcessError("plain text"), undefined);
});

test("JSON progress is one object a line, text is for people", () => {
  const event: NetworkEvent = { event: "port-taken", service: "http", wanted: 80, used: 81 };
  const written: string[] = [];
  const screen = { write: (text: string) => written.push(text) };
  createReporter(screen, true)(event);
  createReporter(screen, false)(event);
  assert.deepEqual(JSON.parse(written[0]!), event);
  assert.match(written[1]!, /HTTP port 80 is taken: using 81/);
});
