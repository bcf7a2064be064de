import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { ConfigReader } from "@gridledger/edge-node/config-reader";
import { Fault } from "@gridledger/protocol/faults";
import { systemClock } from "../../firmware-bridge/src/clock.ts";
import { Dlt645Bus } from "../../firmware-bridge/src/drivers/dlt645-bus.ts";
import type { Driver, DriverDeps } from "../../firmware-bridge/src/drivers/driver.ts";
import { P1Stream } from "../../firmware-bridge/src/drivers/p1-stream.ts";
import { drivers } from "../../firmware-bridge/src/drivers/registry.ts";
import { encodeFrame } from "../../firmware-bridge/src/frames/dlt645/frame.ts";
import type { Readout } from "../../firmware-bridge/src/metering/readout.ts";
import { dlt645Server } from "../../firmware-bridge/src/simulators/dlt645-server.ts";
import { capturedFrames, capturePath, frameBytes, telegramCapture } from "./captures.ts";
import { createdMs, quiet } from "./test-chain.ts";
import { until, VirtualClock } from "./virtual-clock.ts";

const household = {
  file: capturePath("profiles/uci_household_1min_2days.csv"),
  column: "Global_active_power",
  stepMinutes: 1,
};

let closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

function collect(clock = systemClock) {
  const readouts: Readout[] = [];
  const warnings: { code?: string }[] = [];
  const deps: DriverDeps = {
    clock,
    log: { ...quiet, warn: (data) => warnings.push(data) },
    accept: (readout) => {
      readouts.push(readout);
      return Promise.resolve();
    },
  };
  return { deps, readouts, warnings };
}

function start(deps: DriverDeps, type: string, options: object): Driver {
  const config = new ConfigReader(options, type, "/");
  const driver = drivers[type]!(deps, config);
  config.end();
  closing.push(() => driver.stop());
  driver.start();
  return driver;
}

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function simulate(meters: object[]): Promise<number> {
  const server = dlt645Server(
    { clock: systemClock, log: quiet },
    new ConfigReader({ port: 0, meters }, "", "/"),
  );
  const port = await server.start();
  closing.push(() => server.stop());
  return port;
}

const wh = (readout: Readout | undefined, obis = "1-0:1.8.0") => {
  const register = readout?.registers.find((candidate) => candidate.obis === obis);
  return register === undefined ? null : (register.value ?? 0) * 10 ** register.scaler;
};

describe("p1-tcp", () => {
  it("reads telegrams as they come and connects again when the line breaks", async () => {
    const { deps, readouts } = collect();
    let connections = 0;
    const port = await listen((socket) => {
      const bytes = telegramCapture("v5");
      // The first connection breaks in the middle of a telegram.
      if (connections++ === 0) socket.end(Buffer.concat([bytes, bytes.subarray(0, 300)]));
      else for (const byte of bytes) socket.write(Buffer.of(byte));
    });
    start(deps, "p1-tcp", { host: "127.0.0.1", port, reconnectMs: 10, minIntervalMs: 0 });
    await until(() => readouts.length === 4);
    assert.deepEqual(
      readouts.map(({ meter }) => meter),
      ["K8EG004046395507", "2222ABCD123456789", "K8EG004046395507", "2222ABCD123456789"],
    );
  });

  it("a telegram that is refused is told with its code, and the next one is read", async () => {
    const { deps, readouts, warnings } = collect();
    const bad = telegramCapture("v5");
    bad[100]! ^= 1;
    const port = await listen((socket) =>
      socket.write(Buffer.concat([bad, telegramCapture("v4_2")])),
    );
    start(deps, "p1-tcp", { host: "127.0.0.1", port });
    await until(() => readouts.length === 2);
    assert.equal(warnings[0]?.code, "P1_CHECKSUM");
  });

  it("a spool that refuses does not stop the line", async () => {
    const { deps, warnings } = collect();
    const full = { ...deps, accept: () => Promise.reject(new Fault("SPOOL_FULL")) };
    const port = await listen((socket) => socket.write(telegramCapture("v5")));
    start(full, "p1-tcp", { host: "127.0.0.1", port });
    await until(() => warnings.length === 2);
    assert.equal(warnings[0]?.code, "SPOOL_FULL");
  });
});

describe("a P1 stream", () => {
  const defaults = {
    name: "p1",
    winterOffsetMinutes: 60,
    minIntervalMs: 10_000,
    hasParityBit: false,
    isSimulated: false,
  };

  /** When the electricity meter's readouts were kept, in seconds, of a telegram every `everyMs`. */
  async function keptAt(everyMs: number, count: number, clock: VirtualClock): Promise<number[]> {
    const startMs = clock.nowMs();
    const { deps, readouts } = collect(clock);
    const stream = new P1Stream(deps, defaults);
    for (let i = 0; i < count; i++) {
      await stream.push(telegramCapture("aidon_se"));
      clock.advance(everyMs);
    }
    return readouts.map(({ receivedMs }) => (receivedMs - startMs) / 1_000);
  }

  it("of a meter that sends every second one reading in ten is kept", async () => {
    assert.deepEqual(await keptAt(1_000, 31, new VirtualClock(createdMs)), [0, 10, 20, 30]);
  });

  it("of a meter that sends every ten seconds, not quite punctually, none is passed over", async () => {
    assert.equal((await keptAt(9_950, 10, new VirtualClock(createdMs))).length, 10);
  });

  it("goes on at once when our clock is set back an hour", async () => {
    const clock = new VirtualClock(createdMs);
    const { deps, readouts } = collect(clock);
    let shiftMs = 0;
    const shifted = { ...clock, nowMs: () => clock.nowMs() + shiftMs, schedule: () => () => {} };
    const stream = new P1Stream({ ...deps, clock: shifted }, defaults);
    await stream.push(telegramCapture("aidon_se"));
    shiftMs = -3_600_000;
    await stream.push(telegramCapture("aidon_se"));
    assert.equal(readouts.length, 2);
  });

  it("takes the parity off where the serial server passes it on", async () => {
    const { deps, readouts, warnings } = collect();
    const stream = new P1Stream(deps, { ...defaults, hasParityBit: true });
    const bytes = telegramCapture("kamstrup_v3").map((byte) =>
      byte.toString(2).replaceAll("0", "").length % 2 ? byte | 0x80 : byte,
    );
    await stream.push(bytes);
    assert.equal(readouts.length, 2, JSON.stringify(warnings));
  });

  it("says once that a meter has only its model's name", async () => {
    const { deps, warnings } = collect();
    const stream = new P1Stream(deps, { ...defaults, minIntervalMs: 0 });
    for (let i = 0; i < 3; i++) await stream.push(telegramCapture("landis_e360_se"));
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["METER_UNNAMED"],
    );
  });
});

describe("p1-replay", () => {
  const captures = [capturePath("dsmr/telegram_v5.txt")];

  it("without a profile sends the capture as it is", async () => {
    const { deps, readouts } = collect(new VirtualClock(createdMs));
    start(deps, "p1-replay", { captures });
    await until(() => readouts.length === 2);
    assert.equal(readouts[0]?.atMs, Date.UTC(2017, 0, 2, 18, 20, 2));
    assert.equal(wh(readouts[0], "1-0:1.8.2"), 2_399);
  });

  it("with a profile the active tariff grows by the profile's energy, at the meter's own time", async () => {
    const clock = new VirtualClock(createdMs);
    const { deps, readouts } = collect(clock);
    const load = { ...household, epoch: new Date(createdMs).toISOString() };
    start(deps, "p1-replay", { captures, intervalMs: 60_000, simulated: true, load });
    const own = () => readouts.filter(({ meter }) => meter === "K8EG004046395507");
    for (let minutes = 0; minutes <= 60; minutes++) {
      await until(() => own().length === minutes + 1 && clock.timers > 0);
      clock.advance(60_000);
    }
    const [first, ...rest] = own();
    assert.deepEqual(first?.flags, ["simulated"]);
    assert.equal(wh(first, "1-0:1.8.2"), 2_399);
    assert.equal(wh(first, "1-0:1.8.1"), 4_426, "the other tariff stands");
    assert.equal(wh(first, "1-0:1.7.0"), 234);
    const hour = rest[59];
    assert.equal(hour?.atMs, createdMs + 3_600_000);
    // The first hour of the profile: the sum of its minutes.
    const grown = (wh(hour, "1-0:1.8.2") ?? 0) - 2_399;
    assert.ok(grown > 150 && grown < 1_000, `${grown} Wh`);
    for (const [i, readout] of rest.entries()) {
      assert.ok(wh(readout, "1-0:1.8.2")! >= (wh(own()[i], "1-0:1.8.2") ?? 0));
    }
  });

  it("a profile that is not said to be simulated is refused", () => {
    const { deps } = collect();
    const options = { captures, load: household };
    assert.throws(() => drivers["p1-replay"]?.(deps, new ConfigReader(options, "", "/")), {
      code: "CONFIG_INVALID",
    });
  });

  it("every capture lives: the real parser takes what the simulation writes", async () => {
    for (const name of ["v2_2", "v3", "v4_2", "v5", "fluvius_v171", "iskra_ie"]) {
      const clock = new VirtualClock(createdMs + 86_400_000);
      const { deps, readouts, warnings } = collect(clock);
      const file = capturePath(`dsmr/telegram_${name}.txt`);
      start(deps, "p1-replay", { captures: [file], simulated: true, load: household });
      await until(() => readouts.length > 0, name);
      const codes = warnings.flatMap(({ code }) => code ?? []);
      assert.deepEqual(codes, name === "v2_2" ? ["METER_UNNAMED"] : [], name);
    }
  });
});

describe("dlt645-tcp", () => {
  const load = { ...household, epoch: "2026-01-01T00:00:00Z" };
  const addresses = ["000000193600", "181226034194"];

  it("polls every meter of the bus: clock, energies, missing phases as null", async () => {
    const port = await simulate(addresses.map((address) => ({ address, startKwh: 36.3, load })));
    const { deps, readouts } = collect();
    start(deps, "dlt645-tcp", {
      host: "127.0.0.1",
      port,
      meters: addresses,
      intervalMs: 60_000,
      gapMs: 0,
      simulated: true,
    });
    await until(() => readouts.length === 2);
    const [first, second] = readouts;
    assert.deepEqual([first?.meter, second?.meter], addresses);
    assert.deepEqual(first?.flags, ["simulated"]);
    assert.ok(Math.abs(first!.atMs - Date.now()) < 5_000);
    assert.equal(first!.atMs % 1_000, 0, "the meter's own clock");
    assert.ok((wh(first) ?? 0) > 36_300);
    assert.equal(wh(first, "1-0:1.8.1"), wh(first));
    const volts = first?.registers.filter(({ obis }) => /^1-0:[357]2\.7\.0$/.test(obis));
    assert.deepEqual(
      volts?.map(({ value }) => value),
      [2_300, null, null],
    );
  });

  it("asks a lone meter for its address", async () => {
    const port = await simulate([{ address: "181226034194", startKwh: 1 }]);
    const { deps, readouts } = collect();
    start(deps, "dlt645-tcp", { host: "127.0.0.1", port, gapMs: 0 });
    await until(() => readouts.length === 1);
    assert.equal(readouts[0]?.meter, "181226034194");
    assert.equal(wh(readouts[0]), 1_000);
  });

  it("puts follow-up frames together", async () => {
    const port = await simulate([{ address: addresses[0], startKwh: 5, maxAnswerBytes: 7 }]);
    const { deps, readouts } = collect();
    start(deps, "dlt645-tcp", { host: "127.0.0.1", port, meters: [addresses[0]], gapMs: 0 });
    await until(() => readouts.length === 1);
    assert.deepEqual(readouts[0]?.flags, []);
    assert.equal(wh(readouts[0], "1-0:1.8.1"), 5_000);
  });

  it("a register that the meter does not have is told once and the others are read", async () => {
    const port = await simulate([{ address: addresses[0] }]);
    const { deps, readouts, warnings } = collect();
    const identifiers = ["00010000", "01010000", "02800002"];
    start(deps, "dlt645-tcp", {
      host: "127.0.0.1",
      port,
      meters: [addresses[0]],
      identifiers,
      intervalMs: 10,
      gapMs: 0,
      readClock: false,
    });
    await until(() => readouts.length >= 3);
    assert.deepEqual(readouts[0]?.flags, ["partial", "no-meter-clock"]);
    assert.deepEqual(
      readouts[0]?.registers.map(({ obis }) => obis),
      ["1-0:1.8.0", "1-0:14.7.0"],
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["DLT645_REFUSED"],
    );
  });

  it("a silent meter is told and does not keep the next one waiting for ever", async () => {
    const port = await simulate([{ address: addresses[1], startKwh: 2 }]);
    const { deps, readouts, warnings } = collect();
    const options = {
      host: "127.0.0.1",
      port,
      meters: addresses,
      timeoutMs: 20,
      retries: 1,
      gapMs: 0,
    };
    start(deps, "dlt645-tcp", options);
    await until(() => readouts.length === 1);
    assert.equal(readouts[0]?.meter, addresses[1]);
    assert.equal(warnings[0]?.code, "METER_SILENT");
  });
});

describe("a DL/T 645 bus", () => {
  const answer = frameBytes(capturedFrames.find(({ note }) => note === "rsp 00010000")!);
  const ask = async (serve: (socket: Socket, requests: number) => void, retries = 2) => {
    let requests = 0;
    const port = await listen((socket) => socket.on("data", () => serve(socket, ++requests)));
    const options = { host: "127.0.0.1", port, timeoutMs: 30, retries, gapMs: 0 };
    const bus = new Dlt645Bus(systemClock, options);
    closing.push(() => bus.close());
    await bus.open();
    return { data: bus.readData("181226034194", 0x00010000), asked: () => requests };
  };

  it("asks again when nothing comes, and takes the answer then", async () => {
    const { data, asked } = await ask((socket, requests) => {
      if (requests === 3) socket.write(answer);
    });
    assert.equal(Buffer.from(await data).toString("hex"), "26000000");
    assert.equal(asked(), 3);
  });

  it("gives up after the last try with METER_SILENT", async () => {
    const { data } = await ask(() => {}, 1);
    await assert.rejects(data, { code: "METER_SILENT" });
  });

  it("passes over noise, echoes and answers of others before the answer", async () => {
    const other = encodeFrame({
      address: "000000000009",
      function: 0x11,
      isFromMeter: true,
      isError: false,
      hasMore: false,
      data: Uint8Array.of(0, 0, 1, 0, 9, 9, 9, 9),
    });
    const damaged = Buffer.from(answer);
    damaged[damaged.length - 2]! ^= 1;
    const { data } = await ask((socket) => {
      socket.write(Buffer.concat([Buffer.from("68001122", "hex"), other, damaged, answer]));
    });
    assert.equal(Buffer.from(await data).toString("hex"), "26000000");
  });

  it("a lost connection is METER_UNREACHABLE", async () => {
    const { data } = await ask((socket) => socket.destroy());
    await assert.rejects(data, { code: "METER_UNREACHABLE" });
  });
});
