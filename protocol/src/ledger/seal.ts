import type { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { MAX_HEADER_BYTES } from "./header.ts";
import { quorum, type Validator } from "./validators.ts";
import { type VotePlace, votePreimage, voteType } from "./vote.ts";

const MAX_SIGNERS = 1_024;
const MAX_CONFIRMATIONS = 100;

/** A block that follows a sealed one, with the signature of its miner. */
export interface Confirmation {
  readonly encodedHeader: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * What makes a block final (`ledger/finality`): a quorum of COMMIT signatures of one round over it; on
 * a `pow` chain its miner's signature and the blocks that follow it.
 */
export interface Seal {
  readonly round: number;
  /** Ascending by validator index. */
  readonly signatures: readonly { readonly signer: number; readonly signature: Uint8Array }[];
  /** In the order of their heights; absent where votes make blocks final. */
  readonly confirmations?: readonly Confirmation[];
}

/** `[round, [[signer, signature] …]]`, and `[[header, signature] …]` where blocks confirm it. */
export function writeSeal(writer: CborWriter, seal: Seal): CborWriter {
  const { round, signatures, confirmations } = seal;
  writer
    .array(confirmations === undefined ? 2 : 3)
    .uint(round)
    .array(signatures.length);
  for (const { signer, signature } of signatures) {
    writer.array(2).uint(signer).bytes(signature);
  }
  if (confirmations === undefined) return writer;
  writer.array(confirmations.length);
  for (const { encodedHeader, signature } of confirmations) {
    writer.array(2).bytes(encodedHeader).bytes(signature);
  }
  return writer;
}

export function encodeSeal(seal: Seal): Uint8Array {
  return writeSeal(new CborWriter(), seal).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID when the signers do not ascend */
export function readSeal(reader: CborReader): Seal {
  const items = reader.array("seal", 3);
  if (items < 2) throw new Fault("SEAL_INVALID", `${items} items`);
  const round = reader.uint("round", 0xffff_ffff);
  const signatures: { signer: number; signature: Uint8Array }[] = [];
  let last = -1;
  for (let left = reader.array("signatures", MAX_SIGNERS); left > 0; left--) {
    reader.tuple("signature", 2);
    const signer = reader.uint("signer", MAX_SIGNERS);
    if (signer <= last) throw new Fault("SEAL_INVALID", "signers must ascend");
    last = signer;
    signatures.push({ signer, signature: reader.fixedBytes("signature", 64) });
  }
  return items === 2
    ? { round, signatures }
    : { round, signatures, confirmations: readConfirmations(reader) };
}

function readConfirmations(reader: CborReader): Confirmation[] {
  const confirmations: Confirmation[] = [];
  for (let left = reader.array("confirmations", MAX_CONFIRMATIONS); left > 0; left--) {
    reader.tuple("confirmation", 2);
    const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
    confirmations.push({ encodedHeader, signature: reader.fixedBytes("signature", 64) });
  }
  return confirmations;
}

/** @throws Fault SEAL_INVALID unless a quorum of `validators` signed the block hash at the seal's round */
export function verifySeal(
  suite: Suite,
  validators: readonly Validator[],
  place: Omit<VotePlace, "round">,
  blockHash: Uint8Array,
  seal: Seal,
): void {
  const needed = quorum(validators.length);
  if (seal.signatures.length < needed) {
    throw new Fault("SEAL_INVALID", `${seal.signatures.length} signatures, ${needed} are needed`);
  }
  const preimage = votePreimage(voteType.commit, { ...place, round: seal.round }, blockHash);
  for (const { signer, signature } of seal.signatures) {
    const validator = validators[signer];
    if (validator === undefined) throw new Fault("SEAL_INVALID", `there is no validator ${signer}`);
    if (!suite.verify(validator.publicKey, preimage, signature)) {
      throw new Fault("SEAL_INVALID", `the signature of validator ${signer} is wrong`);
    }
  }
}
