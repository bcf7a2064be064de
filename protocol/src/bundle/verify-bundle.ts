import { type EvidenceBundle, evidenceBundle } from "../api/bundle-contract.ts";
import { identityId } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import type { Chain } from "../ledger/genesis.ts";
import { kind } from "../ledger/kinds.ts";
import { type Proven, verifyProof } from "../ledger/proof.ts";
import { decodeTransaction } from "../ledger/transaction.ts";
import { isChunkOf } from "../objects/chunks.ts";
import { chunkSpan, decodeManifest, type ObjectManifest } from "../objects/manifest.ts";
import { strictBytes } from "./strict-bytes.ts";
import { type SignerStanding, verifySigner } from "./verify-signer.ts";

/** What a bundle has shown. */
export interface ProvenBundle {
  readonly proven: Proven;
  readonly signer: SignerStanding;
  readonly object?: {
    readonly manifest: ObjectManifest;
    /** Of the chunks in the bundle: runs of bytes of the object. `to` is behind the last byte. */
    readonly spans: readonly { readonly from: number; readonly to: number }[];
  };
}

/** True where the parsed file is of this kind at all. */
export function isEvidenceBundle(file: unknown): boolean {
  return (file as { format?: unknown } | null)?.format === "gridledger-evidence/1";
}

/**
 * Verifies an evidence bundle against the genesis alone: no hub, no network.
 *
 * Proven: all that `verifyProof` says of the transaction; that the key in the bundle signed it, and that
 * this key is an identity of the chain; that the recorded certificates are in final blocks in this order; and
 * that the chunks are the object's. Not proven: that the chain has no other record of the signer.
 *
 * @param file the parsed JSON, of any content
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID, CHAIN_MISMATCH
 */
export function verifyBundle(chain: Chain, file: unknown): ProvenBundle {
  const bundle = readBundle(chain, file);
  const proven = verifyProof(chain, bundle.subject);
  const { suite } = chain;
  const encoded = strictBytes("transaction", bundle.subject.transaction);
  const transaction = decodeTransaction(suite, encoded);
  const publicKey = strictBytes("publicKey", bundle.signer.publicKey);
  if (!equalBytes(identityId(suite.hash, publicKey), transaction.sender)) {
    throw new Fault("PROOF_INVALID", "the key in the bundle is not the sender's");
  }
  if (proven.senderSignature !== "checked") {
    throw new Fault("PROOF_INVALID", "the key that signed is not shown");
  }
  const signer = verifySigner(chain, bundle.signer, publicKey, proven.height);
  if (transaction.kind !== kind.dataObject) {
    if (bundle.chunks === undefined) return { proven, signer };
    throw new Fault("PROOF_INVALID", "the transaction puts no object");
  }
  const manifest = decodeManifest(transaction.payload);
  const spans = verifyChunks(chain, manifest, bundle.chunks ?? []);
  return { proven, signer, object: { manifest, spans } };
}

function readBundle(chain: Chain, file: unknown): EvidenceBundle {
  // Strict: with an unknown key, what the file claims is not all that is verified.
  const parsed = evidenceBundle.strict().safeParse(file);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault("PROOF_SHAPE", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const bundle = parsed.data;
  if (bundle.chainId !== formatHex(chain.chainId)) {
    throw new Fault("CHAIN_MISMATCH", `the bundle belongs to chain ${bundle.chainId}`);
  }
  if (!equalBytes(strictBytes("genesis", bundle.genesis), chain.encoded)) {
    throw new Fault("PROOF_INVALID", "the genesis in the bundle is another one");
  }
  return bundle;
}

function verifyChunks(
  { suite }: Chain,
  manifest: ObjectManifest,
  chunks: NonNullable<EvidenceBundle["chunks"]>,
): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  let last = -1;
  for (const { index, salt, path, bytes } of chunks) {
    const chunk = {
      index,
      salt: Buffer.from(salt, "hex"),
      path: path.map((sibling) => Buffer.from(sibling, "hex")),
      bytes: strictBytes("chunk", bytes),
    };
    if (index <= last) throw new Fault("PROOF_SHAPE", "chunks must ascend");
    if (!isChunkOf(suite.hash, manifest, chunk)) {
      throw new Fault("PROOF_INVALID", `chunk ${index} is not the object's`);
    }
    last = index;
    const span = chunkSpan(manifest, index);
    const before = spans.at(-1);
    if (before?.to === span.from) before.to = span.to;
    else spans.push({ ...span });
  }
  return spans;
}
