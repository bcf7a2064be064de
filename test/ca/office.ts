import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import { soleRing } from "@gridledger/protocol/keys/key-ring";
import { decodeCertificateRecords } from "@gridledger/protocol/ledger/certificate-record";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import type { Crl } from "@gridledger/protocol/pki/crl";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { createRequest, type RequestFields } from "@gridledger/protocol/pki/request";
import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import { Authorities } from "../../hub/src/ca/authorities.ts";
import { AuthorityFolder } from "../../hub/src/ca/authority-folder.ts";
import { CertificateAuthority } from "../../hub/src/ca/certificate-authority.ts";
import { Directory } from "../../hub/src/index/directory.ts";
import { Store } from "../../hub/src/store/store.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { ManualClock } from "../support/manual-clock.ts";

export const ORGANISATION = "China Southern Grid";
export const DAY_MS = 86_400_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A certificate authority on a clock by hand, and a chain that takes at once what it is told. */
export class Office {
  readonly builder: ChainBuilder;
  readonly clock = new ManualClock(Date.UTC(2026, 6, 1));
  readonly directory: Directory;
  readonly published: Crl[] = [];
  readonly folder: string = mkdtempSync(join(tmpdir(), "gl-ca-"));
  readonly files: AuthorityFolder;
  authority!: CertificateAuthority;
  operators = 1;
  height = 1;
  #store: Store;

  constructor(suite = "international") {
    this.builder = new ChainBuilder({ suite });
    const { chain } = this.builder;
    this.directory = new Directory(chain.suite);
    for (const identity of chain.genesis.identities) this.directory.add(identity, 0);
    this.files = new AuthorityFolder({
      ...{ suite: chain.suite, folder: join(this.folder, "ca") },
      unlockFile: join(this.folder, "ca.key"),
    });
    this.#store = new Store({ file: join(this.folder, "hub.sqlite") });
  }

  async start(): Promise<this> {
    const now = this.clock.now();
    if (!this.files.exists) {
      this.files.createRoot("Grid Consortium", now);
      this.files.createIssuing(ORGANISATION, now);
    }
    await this.#store.start();
    const { chain, operator } = this.builder;
    this.authority = new CertificateAuthority(
      {
        ...{
          chain,
          store: this.#store,
          clock: this.clock,
          log: silent,
          keys: soleRing(chain.suite, operator.signer),
        },
        authorities: new Authorities(
          this.files.root(),
          () => this.files.rootCrl(),
          this.files.issuing(),
          (key) => this.directory.isRevokedCertificate(key),
        ),
        findIdentity: (id) => this.directory.find(id),
        identityOf: (publicKey) => this.directory.identityOf(publicKey),
        founders: () => this.directory.page(100).filter(({ sinceHeight }) => sinceHeight === 0),
        operatorCount: () => Promise.resolve(this.operators),
        describeRemoval: () => "3 of 3 validators would be online",
        publishCrl: (_, crl) => this.published.push(crl),
        enrol: (identity) => Promise.resolve(this.#enrol(identity)),
        submit: (encoded) => Promise.resolve(this.#take(encoded)),
        headHeight: () => this.height,
      },
      { certificateDays: 365 },
    );
    await this.authority.start();
    return this;
  }

  async stop(keepFiles = false): Promise<void> {
    await this.authority.stop();
    await this.#store.stop();
    if (!keepFiles) rmSync(this.folder, { recursive: true, force: true });
  }

  /** The same files and database in a new process. */
  async restart(): Promise<void> {
    await this.stop(true);
    this.#store = new Store({ file: join(this.folder, "hub.sqlite") });
    await this.start();
  }

  idOf({ publicKey }: Signer): string {
    return formatHex(identityId(this.builder.chain.suite.hash, publicKey));
  }

  /** The chain takes another key for the identity, from the next block on. */
  rotate(id: string, { publicKey }: Signer, epoch = 2): void {
    const suiteId = this.builder.chain.suite.id;
    const fromHeight = this.height + 2;
    const next = { epoch, suiteId, publicKey, fromHeight };
    this.directory.rotate(Buffer.from(id, "hex"), next, ++this.height);
    this.directory.advance(++this.height);
  }

  async code(name: string, role: CertificateRole = "device", by = "alice"): Promise<string> {
    const authority = this.authority.authorities.find().id;
    const order = { authority, name, role, attributes: new Map([["feeder", "10kV-3"]]), hours: 24 };
    return (await this.authority.codes.create(order, by)).code;
  }

  /** A PEM request, signed with the key. */
  csr({ signer }: Pick<Key, "signer">, change: Partial<RequestFields["subject"]> = {}): string {
    const subject = { organisation: ORGANISATION, commonName: "gateway-7", ...change };
    const encoded = createRequest(this.builder.chain.suite, signer, { subject });
    return formatPem("CERTIFICATE REQUEST", encoded);
  }

  /** From the code to the certificate. */
  async enrol(name: string, key: Key, encryptionKey?: Key) {
    const signing = this.csr(key, { commonName: name });
    const encryption = encryptionKey && this.csr(encryptionKey, { commonName: name });
    const submission = { code: await this.code(name), signing, encryption };
    const { id } = await this.authority.desk.submit(submission);
    await this.authority.approve(id, "bob");
    const { serials } = (await this.authority.desk.find(id))!;
    const found = serials.map((serial) => this.authority.certificates.find(serial));
    return (await Promise.all(found)).map((certificate) => certificate!);
  }

  #enrol(identity: Identity): { state: "final" } {
    this.directory.add(identity, ++this.height);
    return { state: "final" };
  }

  #take(encoded: Uint8Array): { state: "final"; height: number } {
    this.height++;
    const { payload } = decodeTransaction(this.builder.chain.suite, encoded);
    for (const record of decodeCertificateRecords(payload)) {
      this.directory.record(record, this.height);
    }
    return { state: "final", height: this.height };
  }
}
