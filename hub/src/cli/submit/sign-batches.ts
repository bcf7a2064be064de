import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { encodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { SigningKey } from "../signing/signing-key.ts";
import type { MeterReadings } from "./readings-file.ts";

const READINGS_PER_BATCH = 512;

/** Where a meter's next batch goes on. */
export interface MeterPosition {
  readonly sequence: number;
  /** Hash of the last batch's payload, 32 zero bytes before the first. */
  readonly payloadHash: Uint8Array;
}

interface SigningContext {
  readonly chain: Chain;
  readonly key: SigningKey;
  readonly validUntilHeight: number;
}

/** The readings as signed batches, each linked to the one before. @throws Fault BATCH_SHAPE */
export function signBatches(
  { chain, key, validUntilHeight }: SigningContext,
  last: MeterPosition,
  readings: MeterReadings,
): Uint8Array[] {
  let { sequence, payloadHash } = last;
  const signed: Uint8Array[] = [];
  for (let from = 0; from < readings.timesMs.length; from += READINGS_PER_BATCH) {
    const to = from + READINGS_PER_BATCH;
    const payload = encodeReadingBatch({
      meter: readings.meter,
      sequence: ++sequence,
      previousHash: payloadHash,
      timesMs: readings.timesMs.slice(from, to),
      registers: readings.registers.map((register) => ({
        ...register,
        values: register.values.slice(from, to),
      })),
    });
    payloadHash = chain.suite.hash(payload);
    const body = { kind: kind.readings, validUntilHeight, nonce: new Uint8Array(0), payload };
    signed.push(signTransaction(key.suite, key.signer, chain.chainId, body, key.id));
  }
  return signed;
}
