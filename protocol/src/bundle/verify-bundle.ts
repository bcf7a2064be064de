import { type EvidenceBundle, evidenceBundle } from "../api/bundle-contract.ts";
import { decodeReceipt, type Receipt } from "../contracts/receipt.ts";
import { identityId } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import type { Chain } from "../ledger/genesis.ts";
import { decodeHeader } from "../ledger/header.ts";
import { kind } from "../ledger/kinds.ts";
import { type Proven, verifyProof } from "../ledger/proof.ts";
import { decodeTransaction } from "../ledger/transaction.ts";
import { leafHash, verifyPath } from "../merkle/tree.ts";
import { isChunkOf } from "../objects/chunks.ts";
import { chunkSpan, decodeManifest, type ObjectManifest } from "../objects/manifest.ts";
import type { BundleWatch } from "./bundle-step.ts";
import { shaped } from "./shaped.ts";
import type { SignerStanding } from "./signer-standing.ts";
import { strictBytes } from "./strict-bytes.ts";
import { verifySigner } from "./verify-signer.ts";

/** What a bundle has shown. */
export interface ProvenBundle {
  readonly proven: Proven;
  readonly signer: SignerStanding;
  /** What the transaction came to, where it runs a contract and the bundle shows it. */
  readonly receipt?: Receipt;
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
 * this key is an identity of the chain; that the recorded certificates are in final blocks in this order;
 * that it was not revoked when it signed; what the contract call came to; and that the chunks are the
 * object's. Up to the block of `signer.standing`, where it is there, the chain has no other record of the
 * signer; of what came later a file can say nothing.
 *
 * @param file the parsed JSON, of any content
 * @param watch told of each step that has held
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID, CHAIN_MISMATCH, IDENTITY_REVOKED
 */
export function verifyBundle(chain: Chain, file: unknown, watch?: BundleWatch): ProvenBundle {
  const bundle = readBundle(chain, file);
  const proven = verifyProof(chain, bundle.subject, watch);
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
  const evidence = { height: proven.height, index: bundle.subject.index };
  const signer = verifySigner(chain, bundle.signer, publicKey, evidence, watch);
  const receipt = bundle.receipt && verifyReceipt(chain, bundle.subject, bundle.receipt);
  const shown = { proven, signer, ...(receipt && { receipt }) };
  if (transaction.kind !== kind.dataObject) {
    if (bundle.chunks === undefined) return shown;
    throw new Fault("PROOF_INVALID", "the transaction puts no object");
  }
  const manifest = decodeManifest(transaction.payload);
  const spans = verifyChunks(chain, manifest, bundle.chunks ?? [], watch);
  return { ...shown, object: { manifest, spans } };
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

function verifyReceipt(
  { suite }: Chain,
  subject: EvidenceBundle["subject"],
  { receipt: text, index, size, path }: NonNullable<EvidenceBundle["receipt"]>,
): Receipt {
  const { receiptRoot } = decodeHeader(strictBytes("header", subject.header));
  const encoded = strictBytes("receipt", text);
  const siblings = path.map((sibling) => Buffer.from(sibling, "hex"));
  const leaf = leafHash(suite.hash, encoded);
  if (!verifyPath(suite.hash, receiptRoot, { index, size }, leaf, siblings)) {
    throw new Fault("PROOF_INVALID", "the receipt is not in the block");
  }
  const receipt = shaped(() => decodeReceipt(encoded));
  if (receipt.index === subject.index) return receipt;
  throw new Fault("PROOF_INVALID", "the receipt is of another transaction");
}

function verifyChunks(
  { suite }: Chain,
  manifest: ObjectManifest,
  chunks: NonNullable<EvidenceBundle["chunks"]>,
  watch: BundleWatch | undefined,
): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  let last = -1;
  let done = 0;
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
    done++;
    watch?.({ step: "data", done, total: chunks.length });
  }
  return spans;
}
