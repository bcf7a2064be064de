import type { EvidenceBundle } from "@gridledger/protocol/api/bundle-contract";
import type { Proof } from "@gridledger/protocol/api/proof-contract";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { decodeReceipt, receiptTree } from "@gridledger/protocol/contracts/receipt";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import {
  type CertificateRecord,
  decodeCertificateRecords,
} from "@gridledger/protocol/ledger/certificate-record";
import { decodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { writeHandover } from "@gridledger/protocol/ledger/handover";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { ProvenReadingPlace } from "@gridledger/protocol/ledger/proof";
import { encodeSeal } from "@gridledger/protocol/ledger/seal";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { chunkCount, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import { certificateFingerprint, parseCertificate } from "@gridledger/protocol/pki/certificate";
import type { ContractQueries } from "../index/contracts/contract-queries.ts";
import type { KnownIdentity } from "../index/directory.ts";
import type { ValidatorSets } from "../index/governance/validator-sets.ts";
import type { BlockQueries } from "../index/query/block-queries.ts";
import type { KeyQueries } from "../index/query/key-queries.ts";
import { prove } from "../index/query/prove.ts";
import type { StoredTransaction, TransactionQueries } from "../index/query/transaction-queries.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { StandingProver } from "./standing-prover.ts";

/** A larger object goes into bundles chunk by chunk. */
const MAX_BUNDLED_BYTES = 8_388_608;
const MAX_RECORDS = 64;

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

type Standing = EvidenceBundle["signer"]["standing"];

interface BundlerDeps {
  readonly chain: Chain;
  readonly index: {
    readonly blocks: BlockQueries;
    readonly transactions: TransactionQueries;
    readonly keys: Pick<KeyQueries, "recordsOf">;
    readonly sets: Pick<ValidatorSets, "handoversTo">;
    readonly contracts: { readonly queries: Pick<ContractQueries, "receiptsOf"> };
  };
  readonly reader: Pick<ObjectReader, "chunk">;
  readonly standings: Pick<StandingProver, "show">;
  readonly findIdentity: (id: string) => KnownIdentity | undefined;
  /** DER of the certificates that this hub's authority has issued to an identity. */
  readonly certificatesOf: (identity: string) => Promise<readonly Uint8Array[]>;
}

interface Enrolled {
  readonly publicKey: Uint8Array;
  /** Undefined where the genesis has it. */
  readonly enrolment: Proof | undefined;
}

interface RecordProof {
  readonly record: CertificateRecord;
  readonly height: number;
  readonly proof: Proof;
}

/** Puts everything that proves a transaction into one file, guide §4.4.3. */
export class Bundler {
  readonly #deps: BundlerDeps;

  constructor(deps: BundlerDeps) {
    this.#deps = deps;
  }

  /** @throws Fault NOT_FOUND, STORE_CORRUPT */
  async ofTransaction(hash: Uint8Array, reading?: ProvenReadingPlace): Promise<EvidenceBundle> {
    const { chain, findIdentity, index } = this.#deps;
    const found = await index.transactions.byHash(hash);
    if (found === undefined) throw new Fault("NOT_FOUND", "no final transaction has this hash");
    const sender = findIdentity(found.sender);
    if (sender === undefined) throw new Fault("STORE_CORRUPT", `${found.sender} is not known`);
    const { publicKey, enrolment } = await this.#enrolled(sender);
    // First, so that the records are all there are up to it.
    const standing = await this.#standing(sender.id, found.height);
    const records = await this.#records(sender);
    const certificate = await this.#certificate(sender.id, records, found.height);
    const receipt = await this.#receipt(found);
    return {
      format: "gridledger-evidence/1",
      chainId: formatHex(chain.chainId),
      genesis: base64url(chain.encoded),
      subject: await this.#prove(hash, reading),
      signer: {
        publicKey: base64url(publicKey),
        ...(enrolment && { enrolment }),
        records: records.map(({ proof }) => proof),
        ...(certificate && { certificate }),
        ...(standing && { standing }),
      },
      ...(receipt && { receipt }),
    };
  }

  /** @throws Fault OBJECT_RANGE where the object is too large for one file, OBJECT_PAYLOAD */
  async ofObject(
    hash: Uint8Array,
    manifest: ObjectManifest,
    chunk: number | undefined,
  ): Promise<EvidenceBundle> {
    if (chunk === undefined && manifest.sizeBytes > MAX_BUNDLED_BYTES) {
      throw new Fault("OBJECT_RANGE", `more than ${MAX_BUNDLED_BYTES} bytes: ask for one chunk`);
    }
    const indices = chunk === undefined ? [...Array(chunkCount(manifest)).keys()] : [chunk];
    const chunks = [];
    for (const index of indices) {
      const { salt, path, bytes } = await this.#deps.reader.chunk(manifest, index);
      const shown = { salt: formatHex(salt), path: path.map(formatHex) };
      chunks.push({ index, ...shown, bytes: base64url(bytes) });
    }
    return { ...(await this.ofTransaction(hash)), chunks };
  }

  #prove(hash: Uint8Array, reading?: ProvenReadingPlace): Promise<Proof> {
    const { chain, index } = this.#deps;
    const { blocks, transactions, keys, sets } = index;
    return prove({ chain, blocks, transactions, keys, sets }, hash, reading);
  }

  /** The key that came into the channel, whatever has been rotated since. */
  async #enrolled({ id, sinceHeight }: KnownIdentity): Promise<Enrolled> {
    const { chain, index } = this.#deps;
    const { suite, genesis } = chain;
    const isOwn = (publicKey: Uint8Array) => formatHex(identityId(suite.hash, publicKey)) === id;
    const founder = genesis.identities.find(({ publicKey }) => isOwn(publicKey));
    if (founder !== undefined) return { publicKey: founder.publicKey, enrolment: undefined };
    const rows = await index.transactions.ofBlock(sinceHeight, Number.MAX_SAFE_INTEGER);
    for (const { hash } of rows.filter((row) => row.kind === kind.enrolment)) {
      const encoded = (await index.transactions.byHash(hash))?.encoded;
      if (encoded === undefined) continue;
      const { publicKey } = decodeIdentity(decodeTransaction(suite, encoded).payload);
      if (isOwn(publicKey)) return { publicKey, enrolment: await this.#prove(hash) };
    }
    throw new Fault("STORE_CORRUPT", `block ${sinceHeight} lacks an enrolment`);
  }

  async #standing(id: string, height: number): Promise<Standing | undefined> {
    const shown = await this.#deps.standings.show(Buffer.from(id, "hex"), height);
    if (shown === undefined) return undefined;
    const { block, encoded } = shown;
    const handovers = this.#deps.index.sets.handoversTo(block.header.height);
    return {
      header: base64url(block.encodedHeader),
      seal: base64url(encodeSeal(block.seal)),
      ...(handovers.length > 0 && {
        handovers: handovers.map((handover) =>
          base64url(writeHandover(new CborWriter(1_024), handover).finish()),
        ),
      }),
      proof: base64url(encoded),
    };
  }

  /** Undefined where no contract ran, or the receipt is not here yet. */
  async #receipt({ height, index: at }: StoredTransaction): Promise<EvidenceBundle["receipt"]> {
    const { chain, index } = this.#deps;
    const receipts = await index.contracts.queries.receiptsOf(height);
    const place = receipts.findIndex((encoded) => decodeReceipt(encoded).index === at);
    if (place === -1) return undefined;
    const path = receiptTree(chain.suite.hash, receipts).path(place).map(formatHex);
    return { receipt: base64url(receipts[place]!), index: place, size: receipts.length, path };
  }

  async #records({ id }: KnownIdentity): Promise<RecordProof[]> {
    const { chain, index } = this.#deps;
    const proofs: RecordProof[] = [];
    for (const { hash, height, encoded } of await index.transactions.certificates()) {
      const { payload } = decodeTransaction(chain.suite, encoded);
      const all = decodeCertificateRecords(payload);
      const record = all.find((one) => formatHex(one.identityId) === id);
      if (record === undefined) continue;
      proofs.push({ record, height, proof: await this.#prove(hash) });
      if (proofs.length > MAX_RECORDS) proofs.shift();
    }
    return proofs;
  }

  /** The one on record when it signed, base64url; undefined where it is not here. */
  async #certificate(
    id: string,
    records: readonly RecordProof[],
    atHeight: number,
  ): Promise<string | undefined> {
    const last = records.findLast(
      ({ record: { action }, height }) =>
        height <= atHeight && (action === "issued" || action === "renewed"),
    );
    if (last === undefined) return undefined;
    const all = await this.#deps.certificatesOf(id);
    const found = all.find((encoded) =>
      equalBytes(certificateFingerprint(parseCertificate(encoded)), last.record.fingerprint),
    );
    return found && base64url(parseCertificate(found).signedPart);
  }
}
