import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A hub that wants a session; notes what it is asked. */
async function strictHub(context: TestContext) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { cookie = "", "x-csrf-token": token = "" } = request.headers;
    asked.push(`${request.method} ${request.url} ${cookie} ${token}`.trim());
    if (request.url === "/api/v1/session" && request.method === "POST") {
      response.setHeader("set-cookie", "gl_session=s1; HttpOnly; Path=/");
      response.end(JSON.stringify({ csrfToken: "c1" }));
    } else if (cookie === "gl_session=s1") {
      response.end(JSON.stringify({ items: [], next: null }));
    } else {
      response.statusCode = 401;
      response.end(JSON.stringify({ code: "NOT_SIGNED_IN", detail: "Sign in first." }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("a command signs in, keeps cookie and token, and signs out", async (context) => {
  const { url, asked } = await strictHub(context);
  const file = join(temporaryDirectory(context), "password");
  writeFileSync(file, "correct horse\n");
  const args = ["query", "meters", "--url", url, "--user", "operator", "--password-file", file];
  assert.equal((await runCli(args)).code, 0);
  assert.deepEqual(asked, [
    "POST /api/v1/session",
    "GET /api/v1/meters gl_session=s1 c1",
    "DELETE /api/v1/session gl_session=s1 c1",
  ]);
});

test("a hub that wants a session is answered with what to do", async (context) => {
  const { url } = await strictHub(context);
  const { code, stderr } = await runCli(["query", "meters", "--url", url]);
  assert.equal(code, 1);
  assert.match(stderr, /NOT_SIGNED_IN: .*--user <name> --password-file <file>/);
  assert.equal((await runCli(["query", "meters", "--url", url, "--user", "operator"])).code, 2);
});
