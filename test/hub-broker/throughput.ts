import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Aedes } from "aedes";
import { connect, type MqttClient } from "mqtt";
import { Arena, accepted, type Member, newMember, tokenOf } from "./support.ts";

/**
 * Publishes per second and the broker's CPU time for each, one publisher to four subscribers, QoS 0,
 * 1 KiB: raw aedes against the hardened broker, in turn, each in a process of its own.
 * `node --import tsx test/hub-broker/throughput.ts`
 */
type Kind = "raw" | "hardened";
interface Figure {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

const ROUNDS = 7;
const ROUND_MS = 1_500;
const WINDOW = 256;

async function main(): Promise<void> {
  const figures: Record<Kind, Figure[]> = { raw: [], hardened: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of round % 2 === 0
      ? (["raw", "hardened"] as const)
      : (["hardened", "raw"] as const)) {
      figures[kind].push(await measure(kind));
    }
  }
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
  const of = (kind: Kind) => ({
    perSecond: median(figures[kind].map((figure) => figure.perSecond)),
    cpuMicroseconds: median(figures[kind].map((figure) => figure.cpuMicroseconds)),
  });
  const [raw, hardened] = [of("raw"), of("hardened")];
  console.log({ raw, hardened });
  console.log({
    shareOfRate: hardened.perSecond / raw.perSecond,
    shareByCpu: raw.cpuMicroseconds / hardened.cpuMicroseconds,
  });
}

async function measure(kind: Kind): Promise<Figure> {
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
  const figure = await pump(publisher, subscribers, topic, cpuOf);
  for (const client of clients) client.end(true);
  child.kill();
  await once(child, "exit");
  return figure;
}

/** Keeps WINDOW publishes under way: the next goes out when all subscribers heard one. */
async function pump(
  publisher: MqttClient,
  subscribers: MqttClient[],
  topic: string,
  cpuOf: () => Promise<number>,
): Promise<Figure> {
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
  const cpuMicroseconds = ((await cpuOf()) - cpuBefore) / published;
  running = false;
  return { perSecond, cpuMicroseconds };
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

const kind = process.argv[2];
if (kind === "raw" || kind === "hardened") await serve(kind);
else await main();
