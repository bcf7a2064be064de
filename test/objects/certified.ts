import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import {
  type CertificateRecord,
  encodeCertificateRecords,
} from "@gridledger/protocol/ledger/certificate-record";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { revokedCertificates, standings } from "@gridledger/protocol/ledger/standing";
import { proveStanding } from "@gridledger/protocol/ledger/standing-proof";
import { identities, stateKey } from "@gridledger/protocol/ledger/state";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { encodeContractAnswer } from "@gridledger/protocol/messages/contract-answer";
import { decodeContractQuery } from "@gridledger/protocol/messages/contract-query";
import { type Certificate, certificateFingerprint } from "@gridledger/protocol/pki/certificate";
import { revocationKey } from "@gridledger/protocol/pki/revocation";
import { topics } from "@gridledger/protocol/topics";
import { CertificateTable } from "../../hub/src/ca/tables/certificate-table.ts";
import { type Rig, startRig } from "../hub/rig.ts";
import { Consortium } from "../pki/consortium.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { begin, commit, heard, sendChunk } from "./put.ts";
import { packed } from "./support.ts";

/** A chain whose headers have the roots of a real state, a hub that follows it, and a validator that answers. */
export class CertifiedChain {
  readonly builder: ChainBuilder;
  readonly consortium: Consortium;
  rig!: Rig;
  #tree: StateTree;

  constructor(suite = "international") {
    this.builder = new ChainBuilder({ suite });
    this.consortium = new Consortium(suite);
    const { chain } = this.builder;
    this.#tree = new StateTree(chain.suite.hash);
    const { validators, devices, operator, hub } = this.builder;
    for (const identity of chain.genesis.identities) {
      const key = [...validators, ...devices, operator, hub].find(
        ({ name }) => name === identity.name,
      )!;
      this.#set(identities.keyOf(Buffer.from(key.id, "hex")), identities.encode(identity));
    }
  }

  async start(): Promise<this> {
    const { builder } = this;
    this.rig = await startRig(builder);
    const { id: peer } = builder.validators[0]!;
    const { id: self } = builder.hub;
    const { channel } = builder.chain.genesis;
    this.rig.bus.subscribe(topics.sync(channel, "+", self), (topic, payload) => {
      if (topic !== topics.sync(channel, peer, self)) return;
      const query = standingQuery(payload);
      if (query === undefined) return;
      const { id, question } = query;
      const items = [proveStanding(this.#tree, question.identityId)];
      const answer = encodeContractAnswer({ id, height: builder.height, items });
      this.rig.bus.publish(topics.sync(channel, self, peer), answer);
    });
    return this;
  }

  /** Nobody has heard of a validator for long. */
  silence(): void {
    this.rig.clock.advance(600_000);
  }

  /** The next block, with the state's root; the hub has it when this is done. */
  async add(transactions: readonly Uint8Array[]): Promise<void> {
    const { builder, rig } = this;
    rig.carry(builder.add(transactions, { stateRoot: this.#tree.root }));
    await rig.indexed(builder.height);
    heard(rig, builder);
  }

  /** A device that comes in after the genesis, with a certificate that the chain has on record. */
  async certified(name: string): Promise<{ key: Key; certificate: Certificate }> {
    const { builder, consortium } = this;
    const key = builder.newKey(name);
    const identity = { role: "device", publicKey: key.signer.publicKey, name } as const;
    this.#set(identities.keyOf(Buffer.from(key.id, "hex")), identities.encode(identity));
    await this.add([builder.enrolment(identity)]);
    const certificate = consortium.issue({ publicKey: identity.publicKey });
    await this.#keep(key, certificate);
    await this.record(this.#recordOf(key, certificate, "issued"));
    return { key, certificate };
  }

  revoke(key: Key, certificate: Certificate): Promise<void> {
    return this.record(this.#recordOf(key, certificate, "revoked"));
  }

  /** The authority that issued it falls, and with it all that it issued. */
  async closeAuthority(): Promise<void> {
    const certificateKey = this.#authorityKey;
    this.#set(revokedCertificates.keyOf(certificateKey), revokedCertificates.encode(this.#next));
    const { operator } = this.builder;
    await this.#send({
      ...{ action: "closed", identityId: Buffer.from(operator.id, "hex"), certificateKey },
      ...{ fingerprint: new Uint8Array(32), reason: "authorityCompromise" },
    });
  }

  async record(record: CertificateRecord): Promise<void> {
    const { action, identityId, fingerprint, reason, authorityKey } = record;
    const recorderId = Buffer.from(this.builder.operator.id, "hex");
    const standing = { isRevoked: action === "revoked", fingerprint, recorderId, reason };
    const encoded = standings.encode({ ...standing, height: this.#next, authorityKey });
    this.#set(standings.keyOf(identityId), encoded);
    await this.#send(record);
  }

  /** An object of the device, in the next block. */
  async put(key: Key, bytes: Uint8Array, chunkBytes = 1_024): Promise<void> {
    const { rig, builder } = this;
    const object = packed(builder, key, bytes, { chunkBytes });
    await begin(rig, object);
    for (const index of object.leaves.keys()) await sendChunk(rig, object, index);
    await commit(rig, object);
    await this.add([object.transaction]);
  }

  /** A bundle as the hub gives it, as it comes from a file. */
  async bundle(path: string): Promise<unknown> {
    const answer = await this.rig.app.request(`http://localhost/api/v1/${path}`);
    return answer.json();
  }

  async #send(record: CertificateRecord): Promise<void> {
    const { builder } = this;
    const payload = encodeCertificateRecords([record]);
    await this.add([builder.governance(builder.operator, kind.certificates, payload)]);
  }

  get #next(): number {
    return this.builder.height + 1;
  }

  get #authorityKey(): Uint8Array {
    return revocationKey(this.consortium.authority);
  }

  #recordOf(key: Key, certificate: Certificate, action: "issued" | "revoked"): CertificateRecord {
    return {
      ...{ action, identityId: Buffer.from(key.id, "hex") },
      certificateKey: revocationKey(certificate),
      fingerprint: certificateFingerprint(certificate),
      reason: action === "revoked" ? "keyCompromise" : "unspecified",
      ...(action === "issued" && { authorityKey: this.#authorityKey }),
    };
  }

  /** As this hub's authority keeps what it has issued. */
  async #keep(key: Key, { serial, encoded, notBeforeMs, notAfterMs }: Certificate): Promise<void> {
    const { store } = this.rig;
    const kept = {
      ...{ serial, encoded, notBeforeMs, notAfterMs, name: key.name, role: "device" as const },
      ...{ authority: "csg", purpose: "signing" as const, identity: key.id },
      ...{ publicKey: key.signer.publicKey, issuedBy: "alice", toRecord: false },
    };
    await store.transaction((db) => new CertificateTable(store).add(db, [kept]));
  }

  #set(key: string, value: Uint8Array): void {
    this.#tree = this.#tree.set(stateKey(key), value);
  }
}

/** Undefined for what else goes over this topic. */
function standingQuery(payload: Uint8Array) {
  try {
    const { id, question } = decodeContractQuery(payload);
    return question.about === "standing" ? { id, question } : undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}

/** Of an object's transaction or of a batch. */
export const hashOf = (transaction: Uint8Array, chain: CertifiedChain): string => {
  const { hash } = chain.builder.chain.suite;
  return formatHex(hash(Uint8Array.of(0), transaction));
};
