import { equalBytes } from "@gridledger/protocol/hex";
import { type Crl, parseCrl } from "@gridledger/protocol/pki/crl";
import { issueCrl } from "@gridledger/protocol/pki/issue-crl";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Authorities, Authority } from "./authorities.ts";
import type { CertificateTable } from "./tables/certificate-table.ts";
import type { CrlTable } from "./tables/crl-table.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A list holds for a week and is made anew every day, so six days of silence harm nobody. */
const LIFETIME_MS = 7 * DAY_MS;
const MAX_AGE_MS = DAY_MS;

interface PublisherDeps {
  readonly authorities: Authorities;
  readonly certificates: CertificateTable;
  readonly crls: CrlTable;
  /** To whoever listens now or later. */
  readonly publish: (authority: Authority, crl: Crl) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps each authority's CRL fresh (guide §6.1.3): on every change, every day, and at the start. */
export class CrlPublisher {
  readonly #deps: PublisherDeps;
  readonly #current = new Map<string, Crl>();
  #cancel: () => void = () => {};
  #work: Promise<unknown> = Promise.resolve();

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    for (const authority of this.#deps.authorities.all) {
      const saved = await this.#load(authority);
      if (saved === undefined) await this.refresh(authority);
      else this.#set(authority, saved);
    }
    await this.#tick();
  }

  async stop(): Promise<void> {
    this.#cancel();
    await this.#work;
  }

  current({ id }: Authority): Crl {
    return this.#current.get(id)!;
  }

  /** The next CRL, with all that is revoked now; one after the other, so that numbers grow. */
  refresh(authority: Authority): Promise<Crl> {
    const next = this.#work.then(() => this.#issue(authority));
    this.#work = next.catch(() => undefined);
    return next;
  }

  async #issue(authority: Authority): Promise<Crl> {
    const { certificates, crls, clock } = this.#deps;
    const last = this.#current.get(authority.id);
    const thisUpdateMs = Math.floor(clock.now() / 1_000) * 1_000;
    const crl = issueCrl(authority, {
      number: (last?.number ?? 0n) + 1n,
      ...{ thisUpdateMs, nextUpdateMs: thisUpdateMs + LIFETIME_MS },
      revoked: await certificates.revokedBy(authority.id),
    });
    await crls.save(authority.id, crl);
    this.#set(authority, crl);
    return crl;
  }

  #set(authority: Authority, crl: Crl): void {
    this.#current.set(authority.id, crl);
    this.#deps.publish(authority, crl);
  }

  /** The saved one, if it is this key's: a database may have come from elsewhere. */
  async #load(authority: Authority): Promise<Crl | undefined> {
    const encoded = await this.#deps.crls.find(authority.id);
    const crl = encoded && parseCrl(encoded);
    const { subject } = authority.certificate;
    return crl && equalBytes(crl.issuer.encoded, subject.encoded) ? crl : undefined;
  }

  async #tick(): Promise<void> {
    const { authorities, clock, log } = this.#deps;
    for (const authority of authorities.all) {
      if (clock.now() - this.current(authority).thisUpdateMs < MAX_AGE_MS) continue;
      try {
        await this.refresh(authority);
      } catch (thrown) {
        log.error({ err: thrown, authority: authority.id }, "the CRL could not be renewed");
      }
    }
    this.#cancel = clock.after(HOUR_MS, () => void this.#tick());
  }
}
