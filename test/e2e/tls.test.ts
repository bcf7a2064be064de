import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";
import { hubFetch } from "../../hub/src/cli/hub/hub-fetch.ts";
import { runCli } from "../cli/run-cli.ts";
import { temporaryDirectory } from "../cli/temporary-directory.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

test("start --tls runs the whole network over TLS, and others must show a certificate of it", async (t) => {
  const home = temporaryDirectory(t);
  const [http, mqtt, mqtts] = [await freePort(), await freePort(), await freePort()];
  const ports = ["--http-port", `${http}`, "--mqtt-port", `${mqtt}`, "--mqtts-port", `${mqtts}`];
  const network = new RunningNetwork({ home, args: ["--tls", ...ports] });
  t.after(() => network.cleanUp());
  await network.ready();
  const { url, mqttUrl } = await network.event("ready");
  assert.deepEqual([url, mqttUrl], [`https://127.0.0.1:${http}`, `mqtts://127.0.0.1:${mqtts}`]);

  // What people ask goes over HTTPS, under the authorities of the home.
  const status = await until(
    "blocks",
    async () => {
      const { stdout } = await runCli(["status", "--home", home, "--json"]);
      const answer = JSON.parse(stdout || "{}") as { height?: number; readings?: number };
      return (answer.readings ?? 0) > 0 ? answer : undefined;
    },
    40_000,
  );
  assert.ok((status.height ?? 0) > 0);
  const stranger = await runCli(["status", "--url", String(url)]);
  assert.equal(stranger.code, 3, stranger.stdout); // nobody vouches for the server

  const authorities = join(home, "tls", "authorities.pem");
  const issuers = readFileSync(authorities, "utf8")
    .split(/(?=-----BEGIN)/)
    .map((pem) => new X509Certificate(pem));
  for (const name of ["hub", "validator-1", "bridge"]) {
    const certificate = new X509Certificate(readFileSync(join(home, "tls", `${name}.pem`)));
    const isIssued = issuers.some(
      (issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
    );
    assert.ok(isIssued, name);
    assert.equal(statSync(join(home, "tls", `${name}.key`)).mode & 0o077, 0);
  }

  // A TLS client without a certificate is put out before it has said a word of MQTT.
  const socket = connect({ port: mqtts, host: "127.0.0.1", ca: readFileSync(authorities) });
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const answer = await hubFetch(authorities)(`${url}/metrics`);
  assert.match(await answer.text(), /code="TLS_CERTIFICATE_MISSING"/);
});
