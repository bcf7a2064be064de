import { encodeSign1 } from "@gridledger/protocol/cose/sign1";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { encodeHeader, headerHash, plainHeader } from "@gridledger/protocol/ledger/header";
import { encodeOriginal } from "@gridledger/protocol/ledger/original";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import {
  agreedBytes,
  type CorrectedValue,
  type CorrectionContent,
  encodeContent,
  encodeCorrection,
} from "@gridledger/protocol/metering/correction";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { StandingValue } from "@gridledger/protocol/metering/value-status";
import { type Person, sealOf } from "../edge-node/support.ts";

export const NO_HASH = new Uint8Array(32);
export const REGISTER = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0 } as const;

export const read = (value: number | null): StandingValue => ({ status: "original", value });
export const corrected = (value: number): StandingValue => ({ status: "corrected", value });
export const estimated = (value: number): StandingValue => ({ status: "estimated", value });
export const voided: StandingValue = { status: "void", value: null };

export const changed = (
  timeMs: number,
  old: StandingValue,
  fresh: StandingValue,
): CorrectedValue => ({ timeMs, old, fresh });

/** A final batch of one reading after another, and its proof: a block that holds it and nothing else. */
export function originalOf(
  chain: Chain,
  validators: readonly Person[],
  transaction: Uint8Array,
): Uint8Array {
  const { hash } = decodeTransaction(chain.suite, transaction);
  const encodedHeader = encodeHeader({
    ...{ height: 1, timeMs: chain.genesis.createdMs + 1_000, parentHash: chain.chainId },
    ...{ txRoot: new MerkleTree(chain.suite.hash, [hash]).root, stateRoot: NO_HASH },
    validatorsHash: chain.validatorsHash,
    nextValidatorsHash: chain.validatorsHash,
    ...{ proposer: 0, round: 0, txCount: 1 },
    ...plainHeader,
  });
  const seal = sealOf(chain, validators, 1, headerHash(chain.suite.hash, encodedHeader));
  return encodeOriginal({ encodedHeader, seal, index: 0, path: [], transaction, handovers: [] });
}

/** The first correction of a batch unless said otherwise. */
export function contentOf(
  chain: Chain,
  validators: readonly Person[],
  transaction: Uint8Array,
  change: Partial<CorrectionContent>,
): Uint8Array {
  const { meter, sequence } = decodeReadingBatch(
    decodeTransaction(chain.suite, transaction).payload,
  );
  return encodeContent({
    ...{ meter, number: 1, previousHash: NO_HASH, sequence, registers: [] },
    ...{ reason: "meter-fault", words: "display said otherwise" },
    original: originalOf(chain, validators, transaction),
    ...change,
  });
}

export function agreementOf(chain: Chain, signer: Signer, content: Uint8Array): Uint8Array {
  const { suite, chainId } = chain;
  const id = identityId(suite.hash, signer.publicKey);
  return encodeSign1(suite, signer, id, chainId, agreedBytes(suite.hash(content)));
}

export function payloadOf(encodedContent: Uint8Array, agreement?: Uint8Array): Uint8Array {
  return encodeCorrection({ encodedContent, agreement });
}
