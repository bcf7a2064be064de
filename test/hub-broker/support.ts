import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { encodeConnectToken } from "@gridledger/protocol/messages/connect-token";
import { filters, topics } from "@gridledger/protocol/topics";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { MqttLink } from "../../edge-node/src/transport/mqtt-link.ts";
import { Broker } from "../../hub/src/broker/broker.ts";
import type { BrokerLimits } from "../../hub/src/broker/limits.ts";
import { type ConnectionFields, generate } from "./packets.ts";

export const suite = suiteByName("international");
export const chainId = Buffer.alloc(32, 7);
export const channel = "main";

export interface Member {
  readonly id: string;
  readonly signer: Signer;
  readonly role: Role;
}

export function newMember(role: Role, signer: Signer = suite.signer(suite.generateKey())): Member {
  return { id: formatHex(identityId(suite.hash, signer.publicKey)), signer, role };
}

export function tokenOf(member: Member, timeMs = Date.now(), chain: Uint8Array = chainId): string {
  return encodeConnectToken(suite, member.signer, chain, { timeMs, nonce: randomBytes(16) });
}

/** Collects what the broker logs. */
export class LogBook {
  readonly lines: { data: object; message: string }[] = [];
  info(): void {}
  warn(data: object, message: string): void {
    this.lines.push({ data, message });
  }
  error(data: object, message: string): void {
    this.lines.push({ data, message });
  }
}

/** A broker with one member of each kind, and everything that must be closed at the end. */
export class Arena {
  readonly members = new Map<string, Member>();
  readonly log = new LogBook();
  readonly validator = this.enrol("validator");
  readonly otherValidator = this.enrol("validator");
  readonly device = this.enrol("device");
  readonly #closers: (() => unknown)[] = [];
  broker!: Broker;
  port = 0;

  enrol(role: Role): Member {
    return this.enrolKey(role);
  }

  enrolKey(role: Role, signer?: Signer): Member {
    const member = newMember(role, signer);
    this.members.set(member.id, member);
    return member;
  }

  async start(limits: Partial<BrokerLimits> = {}, port = 0): Promise<void> {
    const identities = {
      find: (id: string) => {
        const member = this.members.get(id);
        return member && { publicKey: member.signer.publicKey, role: member.role };
      },
    };
    this.broker = new Broker(
      { identities, suite, log: this.log },
      { chainId, host: "127.0.0.1", port, ...limits },
    );
    ({ port: this.port } = await this.broker.start());
  }

  onEnd(closer: () => unknown): void {
    this.#closers.push(closer);
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.reverse()) await closer();
    await this.broker.stop();
  }

  link(member: Member, options: Partial<ConstructorParameters<typeof MqttLink>[1]> = {}): MqttLink {
    const link = new MqttLink(
      { suite, signer: member.signer, chainId },
      { urls: [`mqtt://127.0.0.1:${this.port}`], ...options },
    );
    this.onEnd(() => link.stop());
    return link;
  }

  /** A link that is connected and subscribed. */
  async readyLink(member: Member, filters: Record<string, Handler> = {}, clientId = member.id) {
    const link = this.link(member, { clientId });
    for (const [filter, handler] of Object.entries(filters)) link.subscribe(filter, handler);
    link.start();
    await stateOf(link, true);
    return link;
  }

  /** Plain mqtt.js, for what the link would never do. */
  mqttClient(member: Member, options: IClientOptions = {}): MqttClient {
    const client = connect(`mqtt://127.0.0.1:${this.port}`, {
      protocolVersion: 4,
      reconnectPeriod: 0,
      clientId: member.id,
      username: member.id,
      password: tokenOf(member),
      ...options,
    });
    client.on("error", () => {});
    this.onEnd(() => client.end(true));
    return client;
  }

  async rawSocket(): Promise<Socket> {
    const socket = connectTcp({ port: this.port, host: "127.0.0.1" });
    socket.on("error", () => {});
    this.onEnd(() => socket.destroy());
    await once(socket, "connect");
    return socket;
  }

  /** A socket on which the member's CONNECT was accepted. */
  async rawClient(member: Member, fields: Partial<ConnectionFields> = {}): Promise<Socket> {
    const socket = await this.rawSocket();
    socket.write(connectPacket(member, fields));
    const [connack] = await once(socket, "data");
    if (connack[3] !== 0) throw new Error(`refused with ${connack[3]}`);
    return socket;
  }

  /** Two well-behaved clients talk through the broker. */
  async assertServes(): Promise<void> {
    const sender = this.enrol("device");
    const own = topics.transaction(channel, sender.id);
    const heard = deferred<string>();
    // What others send meanwhile passes by.
    const hear = (topic: string, payload: Uint8Array) => {
      if (topic === own) heard.resolve(Buffer.from(payload).toString());
    };
    const reader = await this.readyLink(
      this.validator,
      { [filters.transactions(channel)]: hear },
      `${this.validator.id}-good`,
    );
    const writer = await this.readyLink(sender);
    const text = formatHex(randomBytes(4));
    writer.publish(own, Buffer.from(text));
    if ((await heard.promise) !== text) throw new Error("another message arrived");
    await Promise.all([reader.stop(), writer.stop()]);
  }
}

/** A started broker that closes, with all its clients, at the end of the test. */
export async function arena(t: TestContext, limits: Partial<BrokerLimits> = {}): Promise<Arena> {
  const made = new Arena();
  t.after(() => made.close());
  await made.start(limits);
  return made;
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T>(): Deferred<T> {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: settle };
}

type Handler = (topic: string, payload: Uint8Array) => void;

export function stateOf(link: MqttLink, wanted: boolean): Promise<void> {
  if (link.connected === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    link.onState((connected) => {
      if (connected === wanted) resolve();
    });
  });
}

export function connectPacket(member: Member, fields: Partial<ConnectionFields> = {}): Buffer {
  return generate({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    keepalive: 30,
    clientId: member.id,
    username: member.id,
    password: Buffer.from(tokenOf(member)),
    ...fields,
  });
}

export function closed(socket: Socket): Promise<void> {
  socket.resume(); // a reset (ECONNRESET) is a close too, so no once(), which rejects on "error"
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** The broker accepted the mqtt.js client. */
export function accepted(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once("connect", () => resolve());
  });
}
