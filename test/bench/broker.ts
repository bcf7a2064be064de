import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Aedes } from "aedes";
import { connect, type MqttClient } from "mqtt";
import { Arena, accepted, type Member, newMember, tokenOf } from "../hub-broker/support.ts";
import { type Figure, figure, median } from "./figure.ts";

/** Rounds of one publisher to four subscribers, QoS 0, 1 KiB, each broker in a process of its own. */
type Kind = "raw" | "hardened";
interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

const ROUNDS = 7;
const ROUND_MS = 1_500;
const WINDOW = 256;

/** The hardened broker against raw aedes in the same rounds. */
export async function measureBroker(): Promise<Figure[]> {
  const rounds: Record<Kind, Round[]> = { raw: [], hardened: [] };
  const orders: readonly (readonly Kind[])[] = [
    ["raw", "hardened"],
    ["hardened", "raw"],
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of orders[round % 2]!) rounds[kind].push(await measure(kind));
  }
  const rate = (kind: Kind) => median(rounds[kind].map(({ perSecond }) => perSecond));
  const cpu = (kind: Kind) => median(rounds[kind].map(({ cpuMicros }) => cpuMicros));
  return [
    figure("broker_publishes_per_s", rate("hardened"), "publishes/s", rate("raw")),
    figure("broker_cpu_per_publish_us", cpu("hardened"), "µs", cpu("raw")),
  ];
}

async function measure(kind: Kind): Promise<Round> {
  const child = fork(fileURLToPath(import.meta.url), [kind], { execArgv: ["--import", "tsx"] });
  const [setup] = (await once(child, "message")) as [{ port: number; logins: Login[] }];
  const clients = await Promise.all(
    setup.logins.map(async (login) => {
      const client = connect({
        ...login,
        host: "127.0.0.1",
        port: setup.port,
        protocolVersion: 4,
        reconnectPeriod: 0,
      });
      await accepted(client);
      return client;
    }),
  );
  const [publisher, ...subscribers] = clients as [MqttClient, ...MqttClient[]];
  const topic = `gl/main/t/${setup.logins[0]?.username}`;
  for (const subscriber of subscribers) await subscriber.subscribeAsync("gl/main/t/+");
  const cpuOf = async () => {
    child.send("cpu");
    const [{ user, system }] = (await once(child, "message")) as [NodeJS.CpuUsage];
    return user + system;
  };
  const round = await pump(publisher, subscribers, topic, cpuOf);
  for (const client of clients) client.end(true);
  child.kill();
  await once(child, "exit");
  return round;
}

/** Keeps WINDOW publishes under way: the next goes out when all subscribers heard one. */
async function pump(
  publisher: MqttClient,
  subscribers: MqttClient[],
  topic: string,
  cpuOf: () => Promise<number>,
): Promise<Round> {
  const payload = Buffer.alloc(1024, 1);
  let sent = 0;
  let heard = 0;
  let running = true;
  const fill = () => {
    while (running && sent - heard / subscribers.length < WINDOW) {
      publisher.publish(topic, payload);
      sent++;
    }
  };
  for (const subscriber of subscribers) {
    subscriber.on("message", () => {
      heard++;
      if (heard % (16 * subscribers.length) === 0) fill();
    });
  }
  fill();
  await new Promise((resolve) => setTimeout(resolve, 500)); // warm-up
  const cpuBefore = await cpuOf();
  const before = heard;
  const begin = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  const published = (heard - before) / subscribers.length;
  const perSecond = (published / (performance.now() - begin)) * 1000;
  const cpuMicros = ((await cpuOf()) - cpuBefore) / published;
  running = false;
  return { perSecond, cpuMicros };
}

interface Login {
  clientId: string;
  username: string;
  password: string;
}

function loginOf(member: Member): Login {
  return { clientId: member.id, username: member.id, password: tokenOf(member) };
}

async function serve(kind: Kind): Promise<void> {
  process.on("message", () => process.send?.(process.cpuUsage()));
  if (kind === "raw") {
    const aedes = await Aedes.createBroker();
    const server = createServer({ noDelay: true }, (socket) => aedes.handle(socket)).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const members = Array.from({ length: 5 }, () => newMember("validator"));
    process.send?.({
      port: (server.address() as { port: number }).port,
      logins: members.map(loginOf),
    });
    return;
  }
  const place = new Arena();
  await place.start({ messagesPerSecond: 1e9, bytesPerSecond: 1e12 });
  const members = [
    place.enrol("device"),
    ...Array.from({ length: 4 }, () => place.enrol("validator")),
  ];
  process.send?.({ port: place.port, logins: members.map(loginOf) });
}

const asked = process.argv[2];
if (process.send !== undefined && (asked === "raw" || asked === "hardened")) await serve(asked);
