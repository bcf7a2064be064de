import assert from "node:assert/strict";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  encodeRecoveryRecord,
  type RecoveryRecord,
} from "@gridledger/protocol/ledger/recovery-record";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { type Escrow, escrowKey, releaseShare } from "@gridledger/protocol/recovery/escrow";
import {
  depositDigest,
  releaseDigest,
  termsDigest,
} from "@gridledger/protocol/recovery/step-content";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { call } from "./call.ts";
import { signedInAs } from "./people.ts";
import { type Rig, startRig } from "./rig.ts";

type Headers = Record<string, string>;
const ORGANISATIONS = ["North", "East", "South"] as const;
const MINUTE_MS = 60_000;
/** Other processes need the processor too. */
const PAUSE_MS = 3;

/** A custodian with a key to sign, a key to open shares, and an account. */
export interface Keeper {
  readonly key: Key;
  readonly encryptionKey: Uint8Array;
  readonly organisation: string;
  readonly headers: Headers;
}

/** A hub with three custodians of three organisations, each certified and enrolled. */
export class Keeping {
  readonly builder = new ChainBuilder();
  rig!: Rig;
  keepers: readonly Keeper[] = [];
  operator!: Headers;
  owner!: Headers;

  get suite() {
    return this.builder.chain.suite;
  }

  /** The identity whose keys are kept. */
  get ownerKey(): Key {
    return this.builder.devices[0]!;
  }

  async start(): Promise<void> {
    this.rig = await startRig(this.builder, {
      ...{ hasAuthority: true, organisations: ORGANISATIONS, anonymousReads: false },
    });
    const keepers: Keeper[] = [];
    for (const organisation of ORGANISATIONS) keepers.push(await this.#keeper(organisation));
    this.keepers = keepers;
    this.operator = await signedInAs(this.rig, { name: "wang", roles: ["operator"] });
    const attributes = { identity: this.ownerKey.id };
    this.owner = await signedInAs(this.rig, { name: "meter-1", roles: ["device"], attributes });
  }

  stop(): Promise<void> {
    return this.rig.stop();
  }

  async #keeper(organisation: string): Promise<Keeper> {
    const { builder, rig, suite } = this;
    const key = builder.newKey(`custodian ${organisation}`);
    const identity = {
      role: "custodian",
      publicKey: key.signer.publicKey,
      name: key.name,
    } as const;
    rig.carry(builder.add([builder.enrolment(identity)]));
    await rig.indexed(builder.height);
    const encryptionKey = suite.generateSealingKey();
    const { all } = rig.authority!.authorities;
    await rig.authority!.issuance.issue(all.find((one) => one.organisation === organisation)!, {
      ...{ purpose: "encryption", name: key.name, role: "custodian", identity: key.id },
      ...{ publicKey: suite.opener(encryptionKey).publicKey, issuedBy: "test" },
    });
    const name = `keeper-${organisation.toLowerCase()}`;
    const attributes = { identity: key.id };
    const headers = await signedInAs(rig, { name, roles: ["custodian"], attributes });
    return { key, encryptionKey, organisation, headers };
  }

  /** Brings what the hub sends into blocks, as validators would, while the work runs. */
  async withBlocks<Answer>(work: Promise<Answer>): Promise<Answer> {
    let isDone = false;
    const watched = work.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await this.#finalise();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return watched;
  }

  async #finalise(): Promise<void> {
    const { builder, rig } = this;
    const seen = new Set(builder.blocks.flatMap(({ transactions }) => transactions.map(formatHex)));
    const sent = rig.bus.on(/\/t\//).flatMap(decodeTransactions);
    const fresh = [...new Map(sent.map((one) => [formatHex(one), one])).values()].filter(
      (one) => !seen.has(formatHex(one)),
    );
    if (fresh.length === 0) return;
    rig.carry(builder.add(fresh));
    await rig.indexed(builder.height);
  }

  get(path: string, headers: Headers) {
    return call(this.rig, `/api/v1/recovery/${path}`, { headers });
  }

  post(path: string, body: unknown, headers: Headers) {
    return this.withBlocks(call(this.rig, `/api/v1/recovery/${path}`, { body, headers }));
  }

  sign(by: Key, record: RecoveryRecord, nonce: Uint8Array): string {
    const { chain, height } = this.builder;
    const signed = signTransaction(chain.suite, by.signer, chain.chainId, {
      ...{ kind: kind.recovery, nonce, payload: encodeRecoveryRecord(record) },
      validUntilHeight: height + 100,
    });
    return Buffer.from(signed).toString("base64url");
  }

  /** A new key's escrow, two of the keepers needed. */
  escrow(pkcs8 = this.suite.generateSealingKey()): Escrow {
    const custodians = this.keepers.map(({ key, organisation, encryptionKey }) => {
      const { publicKey: sealingKey } = this.suite.opener(encryptionKey);
      return { id: Buffer.from(key.id, "hex"), organisation, sealingKey };
    });
    const plan = { threshold: 2, custodians, ownerId: Buffer.from(this.ownerKey.id, "hex") };
    return escrowKey(this.suite, { purpose: "encryption", pkcs8 }, plan);
  }

  /** The body that keeps it. @param change of the record */
  deposit(escrow: Escrow, change: object = {}, label = "archive") {
    const { publicKey, commitments, box, sealedShares } = escrow;
    const custodians = this.keepers.map(({ key, organisation }) => {
      return { id: Buffer.from(key.id, "hex"), organisation };
    });
    const record = { action: "kept", publicKey, commitments, custodians, ...change } as const;
    const digest = depositDigest(this.suite.hash, label, escrow);
    return {
      ...{ transaction: this.sign(this.ownerKey, record, digest), label },
      box: Buffer.from(box).toString("base64url"),
      sealedShares: sealedShares.map((one) => Buffer.from(one).toString("base64url")),
    };
  }

  async kept(pkcs8?: Uint8Array): Promise<Escrow> {
    const escrow = this.escrow(pkcs8);
    const { status, json } = await this.post("keys", this.deposit(escrow), this.owner);
    assert.equal(status, 200, JSON.stringify(json));
    return escrow;
  }

  /** The body that asks for it. */
  asking(escrow: Escrow, recipientKey: Uint8Array, by = this.builder.operator, openMs = MINUTE_MS) {
    const terms = {
      ...{ reason: "disk lost", legalBasis: "contract §7" },
      expiresMs: this.rig.clock.now() + openMs,
    };
    const record = { action: "asked", publicKey: escrow.publicKey, recipientKey } as const;
    return { ...terms, transaction: this.sign(by, record, termsDigest(this.suite.hash, terms)) };
  }

  async asked(escrow: Escrow, recipientKey: Uint8Array): Promise<string> {
    const { json } = await this.post("requests", this.asking(escrow, recipientKey), this.operator);
    assert.equal(json.state, "final", JSON.stringify(json));
    return json.id;
  }

  /** The body that releases a keeper's share. */
  release(escrow: Escrow, index: number, recipientKey: Uint8Array, changed?: Uint8Array) {
    const { key, encryptionKey } = this.keepers[index]!;
    const own = { place: index + 1, opener: this.suite.opener(encryptionKey) };
    const sealed = changed ?? releaseShare(this.suite, escrow, own, recipientKey).sealed;
    const record = { action: "approved", publicKey: escrow.publicKey, recipientKey } as const;
    return {
      sealed: Buffer.from(sealed).toString("base64url"),
      transaction: this.sign(key, record, releaseDigest(this.suite.hash, sealed)),
    };
  }

  releases(id: string, escrow: Escrow, index: number, to: Uint8Array, changed?: Uint8Array) {
    const body = this.release(escrow, index, to, changed);
    return this.post(`requests/${id}/releases`, body, this.keepers[index]!.headers);
  }
}
