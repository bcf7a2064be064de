import { createHash, randomInt, timingSafeEqual } from "node:crypto";
import { Fault } from "@gridledger/protocol/faults";
import { MAX_NAME_BYTES } from "@gridledger/protocol/ledger/enrolment";
import { makeName } from "@gridledger/protocol/pki/names";
import { encodeSubjectRole } from "@gridledger/protocol/pki/role-extension";
import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import type { CodeTable, EnrolmentCode } from "./tables/code-table.ts";

/** Without those that look alike (Crockford's base 32). */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ID_CHARACTERS = 6;
/** 80 bits: no dictionary reaches them, so a fast hash is enough. */
const SECRET_CHARACTERS = 16;
const MAX_ATTEMPTS = 5;
const HOUR_MS = 3_600_000;
/** Seats in the consensus and the hub itself are given by governance, not by a code. */
const BY_GOVERNANCE: readonly CertificateRole[] = ["validator", "hub", "organisation"];

export interface CodeOrder {
  readonly authority: string;
  readonly name: string;
  readonly role: CertificateRole;
  readonly attributes: ReadonlyMap<string, string>;
  readonly hours: number;
}

interface CodesDeps {
  readonly table: CodeTable;
  readonly now: () => number;
}

/** One-time codes: shown once, kept as hashes, for one subject, a few attempts and some hours. */
export class EnrolmentCodes {
  readonly #deps: CodesDeps;

  constructor(deps: CodesDeps) {
    this.#deps = deps;
  }

  /** @throws Fault REQUEST_ROLE, CERTIFICATE_FIELDS */
  async create(order: CodeOrder, createdBy: string): Promise<{ code: string; expiresMs: number }> {
    const { authority, name, role, attributes, hours } = order;
    if (BY_GOVERNANCE.includes(role)) {
      throw new Fault("REQUEST_ROLE", `a ${role} enters by governance, not by a code`);
    }
    // What could not stand in a certificate is said now, not to the device.
    encodeSubjectRole({ role, attributes });
    makeName([["CN", name]]);
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
      throw new Fault("CERTIFICATE_FIELDS", `a name has at most ${MAX_NAME_BYTES} bytes`);
    }
    const { table, now } = this.#deps;
    const [id, secret] = [randomText(ID_CHARACTERS), randomText(SECRET_CHARACTERS)];
    const createdMs = now();
    const expiresMs = createdMs + hours * HOUR_MS;
    await table.add({
      ...{ id, authority, name, role, attributes, createdBy, createdMs, expiresMs },
      ...{ secretHash: hashOf(secret), attemptsLeft: MAX_ATTEMPTS },
    });
    const groups = secret.match(/.{4}/g) ?? [];
    return { code: [id, ...groups].join("-"), expiresMs };
  }

  /**
   * What the code is for. Every call takes an attempt, and a right code gives it back, so that guesses at
   * the same time count too. Whether a code has expired is told only to who knows it.
   *
   * @throws Fault ENROLMENT_CODE_INVALID, ENROLMENT_CODE_LOCKED, ENROLMENT_CODE_EXPIRED
   */
  async open(given: string): Promise<EnrolmentCode> {
    const { table, now } = this.#deps;
    const text = given.toUpperCase().replace(/[^0-9A-Z]/g, "");
    const id = text.slice(0, ID_CHARACTERS);
    const code = await table.find(id);
    if (code === undefined) throw new Fault("ENROLMENT_CODE_INVALID");
    if (!(await table.takeAttempt(id))) throw new Fault("ENROLMENT_CODE_LOCKED");
    if (!timingSafeEqual(hashOf(text.slice(ID_CHARACTERS)), code.secretHash)) {
      throw new Fault("ENROLMENT_CODE_INVALID");
    }
    await table.returnAttempt(id);
    if (now() > code.expiresMs) throw new Fault("ENROLMENT_CODE_EXPIRED");
    return code;
  }

  /** A request that does not fit its code costs an attempt. */
  async fail({ id }: EnrolmentCode): Promise<void> {
    await this.#deps.table.takeAttempt(id);
  }

  list(limit: number): Promise<EnrolmentCode[]> {
    return this.#deps.table.list(limit);
  }
}

function randomText(characters: number): string {
  return Array.from({ length: characters }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(`enrolment ${secret}`).digest();
}
