import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { FaultCode } from "@gridledger/protocol/faults";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { IDENTITY_ATTRIBUTE } from "@gridledger/protocol/pki/certified-identity";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { revocationKey } from "@gridledger/protocol/pki/revocation";
import { filters, topics } from "@gridledger/protocol/topics";
import { type ClientTls, MqttLink } from "../../edge-node/src/transport/mqtt-link.ts";
import { Broker } from "../../hub/src/broker/broker.ts";
import type { BrokerLimits } from "../../hub/src/broker/limits.ts";
import { ClientCertificates } from "../../hub/src/tls/client-certificates.ts";
import type { ServerTls } from "../../hub/src/tls/server-tls.ts";
import { type Actor, Consortium, DAY_MS, NOW_MS, newActor, START_MS } from "../pki/consortium.ts";
import {
  Arena,
  chainId,
  channel,
  closed,
  connectPacket,
  deferred,
  type Member,
  stateOf,
  suite,
} from "./support.ts";

type Change = Parameters<Consortium["issue"]>[0];

const pem = (...certificates: Certificate[]) =>
  certificates.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");

function keyPem({ pkcs8 }: Actor): string {
  const body = Buffer.from(pkcs8).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
}

/** A broker that speaks TLS to the members of a consortium, and in the clear on another port. */
class TlsArena extends Arena {
  readonly consortium = new Consortium("international");
  readonly revoked = new Set<string>();
  tlsPort = 0;

  override async start(limits: Partial<BrokerLimits> = {}): Promise<void> {
    const identities = {
      find: (id: string) => {
        const member = this.members.get(id);
        return member && { publicKey: member.signer.publicKey, role: member.role };
      },
    };
    const { hash } = suite;
    const certificates = new ClientCertificates(
      {
        hash,
        now: () => NOW_MS,
        isRevoked: (key) => this.revoked.has(Buffer.from(key).toString("hex")),
      },
      pem(this.consortium.root, this.consortium.authority),
    );
    this.broker = new Broker(
      { identities, suite, log: this.log, certificates },
      { chainId, host: "127.0.0.1", port: 0, connectTimeoutMs: 1_000, ...limits },
    );
    ({ port: this.port } = await this.broker.start());
    const tls = this.serverTls();
    ({ port: this.tlsPort } = await this.broker.listen({ host: "127.0.0.1", port: 0, tls }));
  }

  serverTls(change: Change = {}): ServerTls {
    const { consortium } = this;
    const server = newActor(consortium.suite);
    const certificate = consortium.issue({
      publicKey: server.signer.publicKey,
      // The client's TLS asks the real clock.
      notBeforeMs: START_MS,
      notAfterMs: START_MS + 5 * 365 * DAY_MS,
      profile: { kind: "tls" },
      altNames: { dns: ["localhost"], ip: ["127.0.0.1"] },
      ...change,
    });
    return {
      certificate: pem(certificate, consortium.authority),
      key: keyPem(server),
      authorities: pem(consortium.root, consortium.authority),
    };
  }

  /** What the member's node shows; `change` makes it wrong. */
  clientTls(identity: string, change: Change = {}): ClientTls & { certificate: Certificate } {
    const { consortium } = this;
    const transport = newActor(consortium.suite);
    const certificate = consortium.issue({
      publicKey: transport.signer.publicKey,
      profile: { kind: "tls", tlsClient: true },
      ...change,
      subject: { attributes: new Map([[IDENTITY_ATTRIBUTE, identity]]), ...change?.subject },
    });
    const cert = pem(certificate, consortium.authority);
    return { ca: pem(consortium.root), cert, key: keyPem(transport), certificate };
  }

  tlsLink(member: Member, tls: ClientTls | (() => ClientTls), host = "127.0.0.1"): MqttLink {
    const link = new MqttLink(
      { suite, signer: member.signer, chainId },
      {
        urls: [`mqtts://${host}:${this.tlsPort}`],
        tls: typeof tls === "function" ? tls : () => tls,
      },
    );
    this.onEnd(() => link.stop());
    return link;
  }

  /** One attempt to connect over TLS; resolves when the broker has ended it, with what it counted. */
  async refusal(member: Member, tls: Partial<ClientTls>): Promise<FaultCode[]> {
    const { ca = pem(this.consortium.root), cert, key } = tls;
    const shown = cert === undefined ? {} : { cert, key };
    const socket = connectTls({ port: this.tlsPort, host: "127.0.0.1", ca, ...shown });
    socket.on("error", () => {});
    socket.on("secureConnect", () => socket.write(connectPacket(member)));
    await closed(socket);
    return Object.keys(this.broker.stats.refusals) as FaultCode[];
  }
}

async function tlsArena(t: TestContext, limits?: Partial<BrokerLimits>): Promise<TlsArena> {
  const place = new TlsArena();
  t.after(() => place.close());
  await place.start(limits);
  return place;
}

test("members talk over TLS, each under the identity of its certificate", async (t) => {
  const place = await tlsArena(t);
  const { validator, device } = place;
  const heard = deferred<string>();
  const reader = place.tlsLink(validator, place.clientTls(validator.id));
  reader.subscribe("gl/main/t/+", (_, payload) => heard.resolve(Buffer.from(payload).toString()));
  reader.start();
  const writer = place.tlsLink(device, place.clientTls(device.id), "localhost");
  writer.start();
  await Promise.all([stateOf(reader, true), stateOf(writer, true)]);
  assert.equal(writer.publish(topics.transaction(channel, device.id), Buffer.from("kWh")), true);
  assert.equal(await heard.promise, "kWh");
  await place.assertServes(); // in the clear on the other port
});

test("a signing certificate speaks for the key on chain itself", async (t) => {
  const place = await tlsArena(t);
  const { consortium } = place;
  const actor = newActor(suite);
  const member = place.enrolKey("device", actor.signer);
  const certificate = consortium.issue({ publicKey: actor.signer.publicKey });
  const cert = pem(certificate, consortium.authority);
  const link = place.tlsLink(member, { ca: pem(consortium.root), cert, key: keyPem(actor) });
  link.start();
  await stateOf(link, true);
});

const validity = { early: { notBeforeMs: NOW_MS + DAY_MS }, late: { notAfterMs: NOW_MS - DAY_MS } };

test("a client that is not who its certificate says is refused with a code, and harms nobody", async (t) => {
  const stranger = new Consortium("international");
  const cases: readonly [FaultCode, (place: TlsArena, member: Member) => Partial<ClientTls>][] = [
    ["TLS_CERTIFICATE_MISSING", () => ({})],
    ["TLS_CERTIFICATE_IDENTITY", (place) => place.clientTls(place.validator.id)],
    [
      "TLS_CERTIFICATE_IDENTITY",
      (place) => place.clientTls("", { subject: { attributes: new Map() } }),
    ],
    ["CERTIFICATE_NOT_YET_VALID", (place, { id }) => place.clientTls(id, validity.early)],
    ["CERTIFICATE_USAGE", (place, { id }) => place.clientTls(id, { profile: { kind: "tls" } })],
    [
      "CERTIFICATE_ISSUER_UNKNOWN",
      (place, { id }) => {
        const { certificate: _, ...mine } = place.clientTls(id);
        const actor = newActor(suite);
        const { signer } = actor;
        const forged = stranger.issue({
          publicKey: signer.publicKey,
          profile: { kind: "tls", tlsClient: true },
          subject: {
            organisation: "China Southern Grid",
            attributes: new Map([[IDENTITY_ATTRIBUTE, id]]),
          },
        });
        return { ...mine, cert: pem(forged), key: keyPem(actor) };
      },
    ],
    [
      "CERTIFICATE_REVOKED",
      (place, { id }) => {
        const tls = place.clientTls(id);
        place.revoked.add(Buffer.from(revocationKey(tls.certificate)).toString("hex"));
        return tls;
      },
    ],
  ];
  for (const [code, make] of cases) {
    const place = await tlsArena(t);
    const counted = await place.refusal(place.device, make(place, place.device));
    assert.deepEqual(counted, [code]);
    await place.assertServes();
  }
});

test("a validator whose certificate has expired is still known by its key", async (t) => {
  const place = await tlsArena(t);
  const tls = place.clientTls(place.validator.id, {
    ...validity.late,
    subject: { role: "validator" },
  });
  const link = place.tlsLink(place.validator, tls);
  link.start();
  await stateOf(link, true);
});

test("a device whose certificate has expired renews it, and does nothing else", async (t) => {
  const place = await tlsArena(t);
  const { device, validator } = place;
  const heard: string[] = [];
  const asked = deferred<string>();
  const end = deferred<string>();
  place.broker.subscribe("gl/main/q/+/+", (topic) => asked.resolve(topic));
  const reader = await place.readyLink(validator, {
    "gl/main/t/+": (topic) => heard.push(topic),
    "gl/main/s/+": (topic) => end.resolve(topic),
  });
  const link = place.tlsLink(device, place.clientTls(device.id, validity.late));
  const answered = deferred<string>();
  link.subscribe("gl/main/k/+", () => {});
  link.subscribe(filters.renewals(channel, device.id), (topic) => answered.resolve(topic));
  link.start();
  await stateOf(link, true);
  const renewal = topics.renewal(channel, validator.id, device.id);
  link.publish(topics.transaction(channel, device.id), Buffer.from("kWh"));
  link.publish(renewal, Buffer.from("please"));
  assert.equal(await asked.promise, renewal); // the broker has seen the reading before
  const answer = topics.renewal(channel, device.id, validator.id);
  place.broker.publish(answer, Buffer.from("here"));
  assert.equal(await answered.promise, answer);
  place.broker.publish(topics.status(channel, validator.id), Buffer.from("up"));
  await end.promise;
  assert.deepEqual(heard, []);
  assert.deepEqual([link.connected, reader.connected], [true, true]);
  const { MQTT_PUBLISH_DENIED: publishes, MQTT_SUBSCRIBE_DENIED: subscribes } =
    place.broker.stats.refusals;
  assert.deepEqual([publishes, subscribes], [1, 1]);
});

test("a device that may only renew comes again, with the certificate that it then has", async (t) => {
  const place = await tlsArena(t, { renewalMs: 100 });
  const { device } = place;
  let tls = place.clientTls(device.id, validity.late);
  const heard = deferred<string>();
  place.broker.subscribe("gl/main/t/+", (topic) => heard.resolve(topic));
  const link = place.tlsLink(device, () => tls);
  link.start();
  await stateOf(link, true);
  tls = place.clientTls(device.id);
  await stateOf(link, false);
  await stateOf(link, true);
  const topic = topics.transaction(channel, device.id);
  link.publish(topic, Buffer.from("kWh"));
  assert.equal(await heard.promise, topic);
});

test("an expired certificate that was revoked renews nothing", async (t) => {
  const place = await tlsArena(t);
  const tls = place.clientTls(place.device.id, validity.late);
  place.revoked.add(Buffer.from(revocationKey(tls.certificate)).toString("hex"));
  assert.deepEqual(await place.refusal(place.device, tls), ["CERTIFICATE_REVOKED"]);
});

test("bytes that are no TLS end at the handshake and are counted", async (t) => {
  const place = await tlsArena(t);
  const counted = async () => place.broker.stats.refusals.TLS_HANDSHAKE ?? 0;
  const { port } = place;
  place.port = place.tlsPort;
  const socket = await place.rawSocket();
  socket.write(connectPacket(place.device));
  await closed(socket);
  assert.equal(await counted(), 1);
  const mute = await place.rawSocket();
  await closed(mute); // says nothing: the broker does not wait for ever
  assert.equal(await counted(), 2);
  place.port = port;
  await place.assertServes();
});

test("a new certificate of the server serves the next connection and ends none", async (t) => {
  const place = await tlsArena(t);
  const { device, validator } = place;
  const standing = place.tlsLink(device, place.clientTls(device.id));
  standing.start();
  await stateOf(standing, true);
  place.broker.renewTls(place.serverTls({ subject: { commonName: "hub renewed" } }));
  const socket = connectTls({
    port: place.tlsPort,
    host: "127.0.0.1",
    ...place.clientTls(validator.id),
  });
  await once(socket, "secureConnect");
  assert.equal(socket.getPeerCertificate().subject.CN, "hub renewed");
  socket.destroy();
  assert.equal(standing.connected, true);
});

test("a link believes no server of another root or another name", async (t) => {
  const place = await tlsArena(t);
  const mine = place.clientTls(place.device.id);
  const foreign = pem(new Consortium("international").root);
  assert.match(await failure(place, { ...mine, ca: foreign }), /certificate/);
  place.broker.renewTls(place.serverTls({ altNames: { dns: ["hub.example"], ip: [] } }));
  assert.match(await failure(place, mine), /does not match certificate's altnames/);
});

/** Why the device's link could not connect. */
async function failure(place: TlsArena, tls: ClientTls): Promise<string> {
  const failed = deferred<string>();
  const { signer } = place.device;
  const link = new MqttLink(
    {
      ...{ suite, signer, chainId },
      log: {
        info: () => {},
        warn: (data) => failed.resolve(String("error" in data && data.error)),
      },
    },
    { urls: [`mqtts://127.0.0.1:${place.tlsPort}`], tls: () => tls },
  );
  link.start();
  const reason = await failed.promise;
  assert.equal(link.connected, false);
  await link.stop();
  return reason;
}
