import { randomBytes } from "node:crypto";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { deliveryContext } from "@gridledger/protocol/keys/key-delivery";
import { createSealedKey } from "@gridledger/protocol/keys/sealed-key";
import type { Knex } from "knex";
import { oneTimePassword } from "../identity/one-time-password.ts";
import type { AuditLog } from "../logs/audit-log.ts";
import { blob } from "../store/blob.ts";

const ID_BYTES = 16;
const DAY_MS = 86_400_000;
const OPEN_MS = 7 * DAY_MS;
const KEY_DAYS = 365;

export interface DeliveryOrder {
  readonly name: string;
  readonly role: string;
  readonly purpose: "signing" | "encryption";
  /** Seal to this key; without it a passphrase is made. */
  readonly recipientKey?: Uint8Array | undefined;
}

/** What whoever ordered it is told, this once. */
export interface Delivery {
  /** Random: who knows it fetches the key. */
  readonly id: string;
  readonly publicKey: Uint8Array;
  /** Null where it is sealed to a key. */
  readonly passphrase: string | null;
  readonly expiresMs: number;
}

interface Sealed {
  /** A key page, or PKCS#8 sealed to the recipient's key. */
  readonly form: "page" | "sealed";
  readonly publicKey: Uint8Array;
  readonly content: Uint8Array;
  readonly passphrase: string | null;
}

export interface FetchedKey {
  readonly form: "page" | "sealed";
  readonly purpose: "signing" | "encryption";
  readonly publicKey: Uint8Array;
  readonly content: Uint8Array;
}

interface Row {
  readonly id: string;
  readonly form: "page" | "sealed";
  readonly purpose: "signing" | "encryption";
  readonly public_key: Buffer;
  readonly content: Buffer | null;
  readonly expires_ms: number;
  readonly fetched_ms: number | null;
}

interface DeliveryDeps {
  readonly suite: Suite;
  readonly store: { transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer> };
  readonly audit: Pick<AuditLog, "append" | "record">;
  readonly now: () => number;
}

/**
 * Keys made by the hub for a person or a device and handed over sealed, guide §6.2.1. The key is in the
 * clear in memory until it is sealed; what is kept opens with the passphrase or the recipient's key alone, and
 * goes with the first who fetches it. The certificate comes the ordinary way, with a code.
 */
export class KeyDeliveries {
  readonly #deps: DeliveryDeps;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  /** @throws Fault REQUEST_INVALID, KEY_INVALID */
  async make(order: DeliveryOrder, actor: string): Promise<Delivery> {
    const { store, audit, now } = this.#deps;
    const id = randomBytes(ID_BYTES).toString("hex");
    const { form, publicKey, content, passphrase } = this.#seal(order, id);
    const { name, role, purpose } = order;
    const [createdMs, expiresMs] = [now(), now() + OPEN_MS];
    await store.transaction(async (db) => {
      await this.#forgetExpired(db);
      await db("key_deliveries").insert({
        ...{ id, name, form, purpose, content: blob(content), public_key: blob(publicKey) },
        ...{ created_by: actor, created_ms: createdMs, expires_ms: expiresMs },
      });
      await audit.append(db, {
        ...{ category: "user", actor, action: "key.deliver", target: name, result: "done" },
        after: { role, purpose, form, publicKey: formatHex(publicKey) },
      });
    });
    return { id, publicKey, passphrase, expiresMs };
  }

  /**
   * The sealed key, once. @param actor who fetches it, as far as the hub can tell
   *
   * @throws Fault NOT_FOUND, DELIVERY_TAKEN
   */
  async fetch(id: string, actor: string): Promise<FetchedKey> {
    const { store, audit, now } = this.#deps;
    const fetched = await store.transaction(async (db) => {
      await this.#forgetExpired(db);
      const row: Row | undefined = await db("key_deliveries").where({ id }).first();
      if (row === undefined) throw new Fault("NOT_FOUND", "there is no such delivery");
      const { form, purpose, content, public_key: publicKey } = row;
      if (content === null) return undefined;
      await db("key_deliveries").where({ id }).update({ content: null, fetched_ms: now() });
      await audit.append(db, {
        ...{ category: "user", actor, action: "key.fetch", target: id, result: "done" },
        after: { publicKey: formatHex(publicKey) },
      });
      return { form, purpose, publicKey, content };
    });
    if (fetched !== undefined) return fetched;
    const said = { category: "user", actor, action: "key.fetch", target: id } as const;
    await audit.record({ ...said, result: "refused", detail: "DELIVERY_TAKEN" });
    throw new Fault("DELIVERY_TAKEN");
  }

  #seal({ name, purpose, recipientKey }: DeliveryOrder, id: string): Sealed {
    const { suite } = this.#deps;
    if (recipientKey === undefined) {
      if (purpose === "signing") return this.#page(name);
      throw new Fault("REQUEST_INVALID", "an encryption key is sealed to a key: recipientKey");
    }
    const isSigning = purpose === "signing";
    const pkcs8 = isSigning ? suite.generateKey() : suite.generateSealingKey();
    try {
      const { publicKey } = isSigning ? suite.signer(pkcs8) : suite.opener(pkcs8);
      const content = suite.seal(recipientKey, pkcs8, deliveryContext(id, publicKey));
      return { form: "sealed", publicKey, content, passphrase: null };
    } finally {
      pkcs8.fill(0);
    }
  }

  /** A key page whose secret is a passphrase that nobody keeps. */
  #page(owner: string): Sealed {
    const { suite, now } = this.#deps;
    const passphrase = oneTimePassword();
    const unlock = { secret: Buffer.from(passphrase), isRandom: false };
    const { page, signer } = createSealedKey(suite, unlock, {
      ...{ module: "delivered-key", owner },
      ...{ validFromMs: now(), validUntilMs: now() + KEY_DAYS * DAY_MS },
    });
    return { form: "page", publicKey: signer.publicKey, content: page, passphrase };
  }

  async #forgetExpired(db: Knex): Promise<void> {
    await db("key_deliveries")
      .where("expires_ms", "<", this.#deps.now())
      .whereNotNull("content")
      .update({ content: null });
  }
}
