import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { type Chain, encodeGenesis, type Genesis } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { inKeyOrder, validatorsHash } from "@gridledger/protocol/ledger/validators";
import { encodeWorkParameters, type WorkParameters } from "@gridledger/protocol/ledger/work";
import { encodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";

const FIRST_DEVICE = 64;
const { hash } = fakeSuite;

export const workParameters: WorkParameters = {
  firstDifficulty: 128,
  minDifficulty: 16,
  intervalMs: 1_000,
  window: 16,
  finalityDepth: 4,
};

/** A `pow` channel with the simulator's keys: the same one each time. */
export function powChain(
  options: { validators?: number; devices?: number; work?: Partial<WorkParameters> } = {},
): Chain {
  const { validators: count = 4, devices = 4, work = {} } = options;
  const identity = (role: Role, index: number) => {
    const { publicKey } = fakeSigner(index);
    return { role, publicKey, name: `${role}-${index}` };
  };
  const genesis: Genesis = {
    channel: "sim",
    suite: "international",
    engine: "pow",
    createdMs: 1_700_000_000_000,
    policy: {
      minBlockIntervalMs: 0,
      maxBatchDelayMs: 50,
      maxBlockBytes: 65_536,
      maxBlockTransactions: 16,
      maxTransactionBytes: 8_192,
    },
    identities: [
      ...Array.from({ length: count }, (_, i) => identity("validator", i)),
      ...Array.from({ length: devices }, (_, i) => identity("device", FIRST_DEVICE + i)),
    ],
    engineParameters: encodeWorkParameters({ ...workParameters, ...work }),
  };
  const encoded = encodeGenesis(genesis);
  const validators = inKeyOrder(genesis.identities.filter(({ role }) => role === "validator"));
  const setHash = validatorsHash(hash, validators);
  return {
    genesis,
    encoded,
    chainId: hash(encoded),
    suite: fakeSuite,
    validators,
    validatorsHash: setHash,
    firstSet: { validators, hash: setHash },
    firstTerm: undefined,
  };
}

/** The batches of one meter: each only fits after the one before, so that their order shows in the state. */
export class SimMeter {
  readonly #chain: Chain;
  readonly #device: number;
  #sequence = 0;
  #previousHash: Uint8Array = new Uint8Array(32);

  constructor(chain: Chain, device: number) {
    this.#chain = chain;
    this.#device = FIRST_DEVICE + device;
  }

  next(): Uint8Array {
    const signer = fakeSigner(this.#device);
    this.#sequence++;
    const payload = encodeReadingBatch({
      meter: `m${this.#device}`,
      sequence: this.#sequence,
      previousHash: this.#previousHash,
      timesMs: [1_600_000_000_000 + this.#sequence * 1_000],
      registers: [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: [this.#sequence * 7] }],
    });
    this.#previousHash = hash(payload);
    return signTransaction(fakeSuite, signer, this.#chain.chainId, {
      kind: kind.readings,
      validUntilHeight: 1_000,
      nonce: new Uint8Array(),
      payload,
    });
  }
}

export function publisherOf(index: number): string {
  return Buffer.from(identityId(hash, fakeSigner(index).publicKey)).toString("hex");
}
