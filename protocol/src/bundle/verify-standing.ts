import type { EvidenceBundle } from "../api/bundle-contract.ts";
import { CborReader } from "../cbor/reader.ts";
import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import type { CertificateRecord } from "../ledger/certificate-record.ts";
import type { Chain } from "../ledger/genesis.ts";
import { readHandover, ValidatorHistory } from "../ledger/handover.ts";
import type { Header } from "../ledger/header.ts";
import { readSeal } from "../ledger/seal.ts";
import { checkStandingProof, type ProvenStanding } from "../ledger/standing-proof.ts";
import type { CrlReason } from "../pki/crl-reasons.ts";
import { shaped } from "./shaped.ts";
import { strictBytes } from "./strict-bytes.ts";

/** A record of the signer's certificate, and the final block that holds it. */
export interface FinalRecord {
  readonly record: CertificateRecord;
  readonly height: number;
  /** Place in the block. */
  readonly index: number;
}

/** By the state after a final block. */
export interface StandingThen {
  readonly height: number;
  readonly timeMs: number;
  readonly revoked: { readonly height: number; readonly reason: CrlReason } | undefined;
}

type StandingPart = NonNullable<EvidenceBundle["signer"]["standing"]>;

interface Signer {
  readonly id: Uint8Array;
  /** That came into the channel. */
  readonly publicKey: Uint8Array;
  readonly records: readonly FinalRecord[];
}

/**
 * How the signer stands by the state of a header that is final, and that the records in the bundle are
 * all there are up to it.
 *
 * @param height of the evidence
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID
 */
export function verifyStanding(
  chain: Chain,
  part: StandingPart,
  { id, publicKey, records }: Signer,
  height: number,
): StandingThen {
  const header = finalHeader(chain, part);
  if (header.height < height) {
    throw new Fault("PROOF_INVALID", "the signer's standing is shown before the evidence");
  }
  const encoded = strictBytes("proof", part.proof);
  const proven = shaped(() => checkStandingProof(chain.suite.hash, header.stateRoot, id, encoded));
  if (proven === undefined || !equalBytes(proven.identity.publicKey, publicKey)) {
    throw new Fault("PROOF_INVALID", `the standing is not in the state of block ${header.height}`);
  }
  checkComplete(proven, records.filter((one) => one.height <= header.height).at(-1));
  return { height: header.height, timeMs: header.timeMs, revoked: revokedBy(proven) };
}

function finalHeader(chain: Chain, part: StandingPart): Header {
  return shaped(() => {
    const history = new ValidatorHistory(chain);
    history.learn((part.handovers ?? []).map((text) => whole("handover", text, readHandover)));
    return history.verify(strictBytes("header", part.header), whole("seal", part.seal, readSeal));
  });
}

function whole<Value>(name: string, text: string, read: (reader: CborReader) => Value): Value {
  const reader = new CborReader(strictBytes(name, text));
  const value = read(reader);
  reader.end();
  return value;
}

/** The state names the last record: with another one at the end, one was left out or put in. */
function checkComplete({ standing }: ProvenStanding, last: FinalRecord | undefined): void {
  const isSame =
    standing === undefined
      ? last === undefined
      : last !== undefined &&
        standing.height === last.height &&
        standing.isRevoked === (last.record.action === "revoked") &&
        standing.reason === last.record.reason &&
        equalBytes(standing.fingerprint, last.record.fingerprint);
  if (!isSame) throw new Fault("PROOF_INVALID", "the records are not all that the chain has");
}

function revokedBy({ standing, fallenHeight }: ProvenStanding): StandingThen["revoked"] {
  if (standing?.isRevoked) return { height: standing.height, reason: standing.reason };
  if (fallenHeight === undefined) return undefined;
  return { height: fallenHeight, reason: "authorityCompromise" };
}
