import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { roleMoves } from "@gridledger/protocol/governance/role-moves";
import { formatHex } from "@gridledger/protocol/hex";
import type { CertificateRecord } from "@gridledger/protocol/ledger/certificate-record";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import {
  firstKey,
  type IdentityKey,
  keyAt,
  type LedgerIdentity,
  otherKey,
} from "@gridledger/protocol/ledger/identity-keys";
import { CONNECT_GRACE_BLOCKS } from "@gridledger/protocol/ledger/key-rotation";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { type Standing, standsAlone } from "@gridledger/protocol/ledger/standing";
import type { CrlReason } from "@gridledger/protocol/pki/crl-reasons";
import type { Knex } from "knex";
import { rotatedKeys } from "./key-rows.ts";

/** What the chain says of an identity's certificate. */
export interface KnownStanding extends Omit<Standing, "recorderId"> {
  /** Revoked only because the authority that certified it is: another one may certify it. */
  readonly isByAuthority?: boolean;
}

/** An identity of the channel and since when; 0 is the genesis. */
export interface KnownIdentity {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The key that signs the next block's transactions, and its suite. */
  readonly publicKey: Uint8Array;
  readonly suiteId: number;
  /** Of that key. */
  readonly epoch: number;
  readonly keySinceHeight: number;
  /** The key that was enrolled: the contract address comes from it, whatever is rotated to. */
  readonly firstPublicKey: Uint8Array;
  /** The one that signed before the last rotation, or will. */
  readonly otherKey: IdentityKey | undefined;
  /** The key before, while brokers still let it connect (`CONNECT_GRACE_BLOCKS`). */
  readonly formerKey: IdentityKey | undefined;
  readonly sinceHeight: number;
  /** Undefined while the chain has heard of no certificate. */
  readonly standing: KnownStanding | undefined;
}

interface Entry {
  readonly id: string;
  readonly identity: LedgerIdentity;
  readonly sinceHeight: number;
  readonly standing: KnownStanding | undefined;
}

interface IdentityRow {
  readonly id: Buffer;
  readonly role: Role;
  readonly name: string;
  readonly public_key: Buffer;
  readonly since_height: number;
  readonly suite: number | null;
}

interface StandingRow {
  readonly id: Buffer;
  readonly revoked: number;
  readonly fingerprint: Buffer;
  readonly reason: CrlReason;
  readonly height: number;
  readonly authority: Buffer | null;
}

/** The identities of the channel by id, in memory: the broker asks for one at every connection. */
export class Directory {
  /** Revocation keys in hex, and since when. */
  readonly #void = new Map<string, number>();
  readonly #suite: Suite;
  readonly #byId = new Map<string, Entry>();
  /** By the id of a rotated key: the identity that has, had or will have it. */
  readonly #holders = new Map<string, string>();
  /** Of the last block that was taken. */
  #height = 0;

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  async load(db: Knex): Promise<void> {
    const rows: IdentityRow[] = await db("identities");
    for (const row of rows) {
      const { role, name, public_key: publicKey, suite } = row;
      const identity = { role, name, publicKey, ...(suite !== null && { suiteId: suite }) };
      this.add(identity, Number(row.since_height));
    }
    for (const { identityId: id, ...key } of await rotatedKeys(db)) this.#turn(formatHex(id), key);
    const [head]: { height?: number | null }[] = await db("blocks").max({ height: "height" });
    this.advance(Number(head?.height ?? 0));
    const revoked: { readonly key: Buffer; readonly height: number }[] =
      await db("revoked_certificates");
    for (const { key, height } of revoked) this.#void.set(formatHex(key), Number(height));
    const standings: StandingRow[] = await db("standings");
    for (const { id, revoked, fingerprint, reason, height, authority } of standings) {
      const standing = { isRevoked: revoked === 1, fingerprint, reason, height: Number(height) };
      this.#stand(formatHex(id), { ...standing, authorityKey: authority ?? undefined });
    }
  }

  add(identity: Identity, sinceHeight: number): void {
    const id = this.#idOf(identity.publicKey);
    if (this.#byId.has(id)) return;
    this.#byId.set(id, { id, identity, sinceHeight, standing: undefined });
  }

  /** Blocks up to here are taken: keys count by the height after it. */
  advance(height: number): void {
    this.#height = Math.max(this.#height, height);
  }

  /** A final rotation of the block at `height`. */
  rotate(id: Uint8Array, next: IdentityKey, height: number): void {
    this.#turn(formatHex(id), next, height);
  }

  /** The identity that has, had or will have this key, in hex; for a key of nobody the one it would begin. */
  identityOf(publicKey: Uint8Array): string {
    const keyId = this.#idOf(publicKey);
    return this.#byId.has(keyId) ? keyId : (this.#holders.get(keyId) ?? keyId);
  }

  /** A final record says how an identity stands from its block on. */
  record(record: CertificateRecord, height: number): void {
    const { action, identityId: id, fingerprint, reason, certificateKey, authorityKey } = record;
    const isEnd = action !== "issued" && action !== "renewed";
    if (isEnd) this.#void.set(formatHex(certificateKey), height);
    if (action === "withdrawn" || action === "closed") return;
    const standing = { isRevoked: action === "revoked", fingerprint, reason, height };
    this.#stand(formatHex(id), { ...standing, authorityKey });
  }

  /** Whether the chain calls the certificate void, by its `revocationKey`. */
  isRevokedCertificate(key: Uint8Array): boolean {
    return this.#void.has(formatHex(key));
  }

  /** @param at where the rotation stands; without it the keys come in the order in which they count */
  #turn(id: string, next: IdentityKey, at = next.fromHeight - 1): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    const current = this.#keyOf(known, at);
    const { turn } = known.identity;
    // A rotation that waited gives way.
    if (turn?.current.epoch === current.epoch)
      this.#holders.delete(this.#idOf(turn.next.publicKey));
    this.#holders.set(this.#idOf(next.publicKey), id);
    this.#byId.set(id, { ...known, identity: { ...known.identity, turn: { current, next } } });
  }

  #idOf(publicKey: Uint8Array): string {
    return formatHex(identityId(this.#suite.hash, publicKey));
  }

  #keyOf({ identity, sinceHeight }: Entry, height: number): IdentityKey {
    const chain = { suite: this.#suite };
    if (identity.turn === undefined) return firstKey(chain, identity, sinceHeight);
    return keyAt(chain, identity, height);
  }

  #stand(id: string, standing: KnownStanding): void {
    const known = this.#byId.get(id);
    if (known !== undefined) this.#byId.set(id, { ...known, standing });
  }

  /** A change of the validator set moves the roles of those who joined and left. */
  move(executed: Action): void {
    for (const { publicKey, role, name } of roleMoves(executed)) {
      const id = this.#idOf(publicKey);
      const known = this.#byId.get(id);
      if (known === undefined) continue;
      const identity = { ...known.identity, role, name: name ?? known.identity.name };
      this.#byId.set(id, { ...known, identity });
    }
  }

  /** @param id hex */
  find(id: string): KnownIdentity | undefined {
    const entry = this.#byId.get(id);
    return entry && this.#show(entry);
  }

  /** Identity ids in hex of those that stand by this authority, by its `revocationKey`. */
  under(authorityKey: Uint8Array): string[] {
    const of = formatHex(authorityKey);
    return [...this.#byId.values()]
      .filter(({ identity }) => !standsAlone(identity.role))
      .filter(({ standing }) => standing?.authorityKey && formatHex(standing.authorityKey) === of)
      .map(({ id }) => id);
  }

  /** Who stands by an authority falls with it. */
  #standingOf({ identity, standing }: Entry): KnownStanding | undefined {
    const { authorityKey, isRevoked } = standing ?? {};
    if (standing === undefined || authorityKey === undefined) return standing;
    if (isRevoked || standsAlone(identity.role)) return standing;
    const height = this.#void.get(formatHex(authorityKey));
    if (height === undefined) return standing;
    const fallen = { isRevoked: true, isByAuthority: true, reason: "authorityCompromise" } as const;
    return { ...standing, ...fallen, height };
  }

  /** In the order in which they came. */
  ofRole(role: Role): KnownIdentity[] {
    const entries = [...this.#byId.values()].filter(({ identity }) => identity.role === role);
    return entries.map((entry) => this.#show(entry));
  }

  /** Ascending by id, after `cursor`. */
  page(limit: number, cursor = ""): KnownIdentity[] {
    const ids = [...this.#byId.keys()].filter((id) => id > cursor).sort();
    return ids.slice(0, limit).map((id) => this.#show(this.#byId.get(id)!));
  }

  #show(entry: Entry): KnownIdentity {
    const { id, identity, sinceHeight } = entry;
    const standing = this.#standingOf(entry);
    const next = this.#height + 1;
    const { publicKey, suiteId, epoch, fromHeight } = this.#keyOf(entry, next);
    const { turn } = identity;
    const isTurned = turn !== undefined && epoch === turn.next.epoch;
    const isGrace = isTurned && next < fromHeight + CONNECT_GRACE_BLOCKS;
    const { role, name } = identity;
    return {
      ...{ id, name, role, publicKey, suiteId, epoch, sinceHeight, standing },
      firstPublicKey: identity.publicKey,
      keySinceHeight: fromHeight,
      otherKey: otherKey(identity, { epoch }),
      formerKey: isGrace ? turn.current : undefined,
    };
  }
}
