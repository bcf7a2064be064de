import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PasswordHasher } from "@gridledger/protocol/access/password-hasher";
import { allowsMethod, formatRpcUsers, parseRpcUsers } from "@gridledger/protocol/access/rpc-users";
import { z } from "zod";
import { RpcAccess } from "../../edge-node/src/rpc/rpc-access.ts";
import { RpcMethods, rpcMethod } from "../../edge-node/src/rpc/rpc-method.ts";
import { RpcServer } from "../../edge-node/src/rpc/rpc-server.ts";
import { RpcUsersFile } from "../../edge-node/src/rpc/rpc-users-file.ts";

const password = "correct horse staple";
const token = "t".repeat(43);
const hash = createHash("sha256").update(token).digest("hex");
const passwordHash = await new PasswordHasher().hash(password);
const methods = new RpcMethods([
  rpcMethod({ name: "gl_status", params: z.tuple([]), run: () => "fine" }),
  rpcMethod({ name: "gl_setLogLevel", params: z.tuple([z.string()]), run: ([level]) => level }),
]);
const ann = {
  name: "ann",
  passwordHash,
  methods: ["gl_*"],
  tokens: [{ id: "ci", hash, methods: ["gl_status"], expiresAtMs: 2_000_000 }],
};

class Rig {
  now = 1_000_000;
  url = "";
  readonly file: string;

  constructor(folder: string) {
    this.file = join(folder, "rpc-users.json");
  }

  async save(users: Parameters<typeof formatRpcUsers>[0]): Promise<void> {
    await writeFile(this.file, formatRpcUsers(users), { mode: 0o600 });
  }

  async call(authorization: string | undefined, body: unknown, headers: object = {}) {
    const response = await fetch(this.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(authorization === undefined ? {} : { authorization }),
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const answer = text === "" ? {} : (JSON.parse(text) as never);
    return { status: response.status, headers: response.headers, answer } as {
      status: number;
      headers: Headers;
      answer: { result?: unknown; error?: { data: { code: string } } };
    };
  }
}

async function rig(t: TestContext, requestsPerSecond = 100): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "gl-rpc-"));
  const made = new Rig(folder);
  await made.save([ann]);
  const users = new RpcUsersFile(made.file);
  const access = new RpcAccess({ users: () => users.read(), now: () => made.now });
  const log = { error: () => {} };
  const server = new RpcServer(
    { methods, access, now: () => made.now, log },
    {
      host: "127.0.0.1",
      port: 0,
      tls: undefined,
      allowedOrigins: ["https://wallet.example"],
      requestsPerSecond,
    },
  );
  const { port } = await server.start();
  made.url = `http://127.0.0.1:${port}/`;
  t.after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  return made;
}

const basic = (user: string, secret: string) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
const status = { jsonrpc: "2.0", id: 1, method: "gl_status" };

test("a name with its password, or a token, opens the RPC; nothing else does", async (t) => {
  const place = await rig(t);
  assert.equal((await place.call(basic("ann", password), status)).answer.result, "fine");
  assert.equal((await place.call(`Bearer ${token}`, status)).answer.result, "fine");
  const wrong = [undefined, basic("ann", "wrong"), basic("bob", password), "Bearer x", "Digest y"];
  for (const header of wrong) {
    const { status: code, headers } = await place.call(header, status);
    assert.equal(code, 401);
    assert.match(headers.get("www-authenticate") ?? "", /Basic/);
  }
});

test("a node without users answers nobody: there are no default credentials", async (t) => {
  const place = await rig(t);
  await rm(place.file);
  assert.equal((await place.call(basic("ann", password), status)).status, 401);
  assert.equal((await place.call(basic("admin", "admin"), status)).status, 401);
});

test("a token opens its own methods only, and not after its end", async (t) => {
  const place = await rig(t);
  const change = { jsonrpc: "2.0", id: 1, method: "gl_setLogLevel", params: ["debug"] };
  const { answer } = await place.call(`Bearer ${token}`, change);
  assert.equal(answer.error?.data.code, "RPC_METHOD_DENIED");
  assert.equal((await place.call(basic("ann", password), change)).answer.result, "debug");
  place.now = 2_000_000;
  assert.equal((await place.call(`Bearer ${token}`, status)).status, 401);
});

test("a changed password counts from the next call on, without a restart", async (t) => {
  const place = await rig(t);
  assert.equal((await place.call(basic("ann", password), status)).status, 200);
  const next = "another long secret";
  await place.save([{ ...ann, passwordHash: await new PasswordHasher().hash(next) }]);
  assert.equal((await place.call(basic("ann", password), status)).status, 401);
  assert.equal((await place.call(basic("ann", next), status)).status, 200);
});

test("whoever guesses waits longer and longer, and the right one is heard again later", async (t) => {
  const place = await rig(t);
  const seen: number[] = [];
  for (let i = 0; i < 8; i++) seen.push((await place.call(`Bearer guess${i}`, status)).status);
  assert.deepEqual(seen.slice(0, 6), Array(6).fill(401));
  assert.deepEqual(seen.slice(6), [429, 429]);
  place.now += 900_000;
  assert.equal((await place.call(`Bearer ${token}`, status)).status, 200);
});

test("floods, huge bodies, other types and foreign pages are refused with a code", async (t) => {
  const place = await rig(t, 2);
  const bearer = `Bearer ${token}`;
  const codes: unknown[] = [];
  const code = async (body: unknown, headers: object = {}) =>
    codes.push((await place.call(bearer, body, headers)).answer.error?.data.code);
  await code(status, { "content-type": "text/plain" });
  await code(status, { origin: "https://evil.example" });
  for (let i = 0; i < 5; i++) await code(status);
  assert.deepEqual(codes, [
    ...["RPC_REQUEST_INVALID", "FORBIDDEN"],
    ...[undefined, undefined, undefined, undefined, "RATE_LIMITED"],
  ]);
  const allowed = await place.call(bearer, status, { origin: "https://wallet.example" });
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://wallet.example");
  assert.equal((await fetch(place.url)).status, 404);
  // Last: the server hangs up on a body that it does not want to read.
  const huge = await place.call(bearer, "x".repeat(1_100_000));
  assert.equal(huge.answer.error?.data.code, "REQUEST_TOO_LARGE");
});

test("a users file that others can read, or that is broken, lets nobody in", async (t) => {
  const place = await rig(t);
  await chmod(place.file, 0o644);
  assert.equal(
    (await place.call(basic("ann", password), status)).answer.error?.data.code,
    "KEY_INVALID",
  );
  await writeFile(place.file, "{");
  await chmod(place.file, 0o600);
  const { answer } = await place.call(basic("ann", password), status);
  assert.equal(answer.error?.data.code, "CONFIG_INVALID");
});

test("patterns name methods or their beginnings", () => {
  assert.equal(allowsMethod(["eth_*"], "eth_call"), true);
  assert.equal(allowsMethod(["eth_call"], "eth_callMany"), false);
  assert.equal(allowsMethod([], "gl_status"), false);
  for (const methods of [["a b"], ["*_x"], [""]]) {
    assert.throws(() => formatRpcUsers([{ ...ann, methods }]), { code: "CONFIG_INVALID" });
  }
  assert.throws(() => formatRpcUsers([ann, ann]), { code: "CONFIG_INVALID" });
  assert.deepEqual(parseRpcUsers(formatRpcUsers([ann])), [ann]);
});
