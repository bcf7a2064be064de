import type { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { quorum, type Validator } from "./validators.ts";
import { type VotePlace, votePreimage, voteType } from "./vote.ts";

const MAX_SIGNERS = 1_024;

/** A quorum of COMMIT signatures of one round over one block: what makes the block final. */
export interface Seal {
  readonly round: number;
  /** Ascending by validator index. */
  readonly signatures: readonly { readonly signer: number; readonly signature: Uint8Array }[];
}

export function writeSeal(writer: CborWriter, seal: Seal): CborWriter {
  writer.array(2).uint(seal.round).array(seal.signatures.length);
  for (const { signer, signature } of seal.signatures) {
    writer.array(2).uint(signer).bytes(signature);
  }
  return writer;
}

export function encodeSeal(seal: Seal): Uint8Array {
  return writeSeal(new CborWriter(), seal).finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID when the signers do not ascend */
export function readSeal(reader: CborReader): Seal {
  reader.tuple("seal", 2);
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
  return { round, signatures };
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
