// A process to be killed: spools readouts, seals and signs, and says what is acknowledged.

import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { Bridge } from "../../firmware-bridge/src/bridge.ts";
import { systemClock } from "../../firmware-bridge/src/clock.ts";
import { Spool } from "../../firmware-bridge/src/spool/spool.ts";

const [file = "", genesisHex = "", keyHex = "", from = "0"] = process.argv.slice(2);
const chain = decodeGenesis(Buffer.from(genesisHex, "hex"));
const signer = chain.suite.signer(Buffer.from(keyHex, "hex"));
const deviceId = identityId(chain.suite.hash, signer.publicKey);
const log = { debug() {}, info() {}, warn() {}, error() {} };
// Hears nothing and sends into the void.
const uplink = {
  start() {},
  stop: () => Promise.resolve(),
  publish: () => true,
  subscribe() {},
  onState(callback: (connected: boolean) => void) {
    callback(true);
  },
};
const spool = await Spool.open(file, { chainId: chain.chainId, deviceId }, 1e9);
const options = {
  maxReadings: 3,
  maxDelayMs: 1e6,
  window: 4_096,
  windowPerMeter: 256,
  retryMs: 1e6,
  maxRetryMs: 1e6,
};
const keys = new KeyRing(deviceId, [
  { epoch: 1, suite: chain.suite, fromHeight: 0, signer: () => signer },
]);
const deps = { chain, keys, spool, uplink, clock: systemClock, log, random: Math.random };
const bridge = new Bridge(deps, options);
await bridge.start();
for (let i = Number(from); ; i++) {
  const registers = [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, value: 1_000 + i }];
  const atMs = chain.genesis.createdMs + i * 1_000;
  await bridge.accept({ meter: "m1", atMs, receivedMs: Date.now(), registers, flags: [] });
  process.stdout.write(`${i}\n`);
}
