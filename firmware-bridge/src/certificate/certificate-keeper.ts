import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { KeyRing, RingKey } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeRenewalAnswer, encodeRenewal } from "@gridledger/protocol/messages/renewal";
import { type Certificate, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { certifiedIdentity } from "@gridledger/protocol/pki/certified-identity";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { namePart } from "@gridledger/protocol/pki/names";
import { encodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import { createRequest } from "@gridledger/protocol/pki/request";
import { filters, topics } from "@gridledger/protocol/topics";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Uplink } from "../uplink.ts";
import type { CertificateFile } from "./certificate-file.ts";

/** A key may turn at any time; an answer takes a second; a hub that was busy or away is asked again. */
const CHECK_MS = 60_000;
const PURPOSE = "certificate";

interface KeeperDeps {
  readonly chain: Chain;
  readonly keys: KeyRing;
  /** That this device knows of. */
  readonly chainHeight: () => number;
  readonly uplink: Pick<Uplink, "publish" | "subscribe" | "onState">;
  readonly file: Pick<CertificateFile, "read" | "write">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps the device's certificate fresh over MQTT (guide §6.1.4): in its last third, also when it has
 * expired while the device was off, and when the device's key has turned (§4.1.2 b). Readings never wait
 * for it.
 */
export class CertificateKeeper {
  readonly #deps: KeeperDeps;
  readonly #id: string;
  /** Each time with another key: the hub may be behind, or a height unseen here. */
  #refusals = 0;
  #isToldOfSuite = false;
  #cancel: () => void = () => {};

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    this.#id = formatHex(deps.keys.id);
  }

  /** Before the uplink starts. @throws Fault CONFIG_INVALID for a certificate of another key, PKI_* */
  start(): void {
    const { chain, uplink, file } = this.#deps;
    if (this.#keyOf(file.read()[0]!) === undefined) {
      throw new Fault("CONFIG_INVALID", "the certificate is of another key");
    }
    const filter = filters.renewals(chain.genesis.channel, this.#id);
    uplink.subscribe(filter, (_, bytes) => this.#onAnswer(bytes));
    uplink.onState((connected) => {
      if (connected) this.#check();
      else this.#cancel();
    });
  }

  stop(): void {
    this.#cancel();
  }

  #keyOf({ key }: Certificate): RingKey | undefined {
    const isOwn = ({ signer }: RingKey) => equalBytes(signer(PURPOSE).publicKey, key.publicKey);
    return this.#deps.keys.keys.find(isOwn);
  }

  #check(): void {
    const { clock, file, keys, chainHeight } = this.#deps;
    this.#cancel();
    this.#cancel = clock.schedule(CHECK_MS, () => this.#check());
    const [own] = file.read();
    const key = keys.afterFailures(chainHeight() + 1, this.#refusals);
    if (this.#isDue(own!, key)) this.#ask(own!, key);
    else this.#refusals = 0;
  }

  #isDue(own: Certificate, key: RingKey): boolean {
    if (this.#keyOf(own) !== key) return this.#isCertifiable(key);
    const { notBeforeMs, notAfterMs } = own;
    return this.#deps.clock.nowMs() >= notAfterMs - (notAfterMs - notBeforeMs) / 3;
  }

  /** A certificate path is of one suite: a key of another has none, and the old one names the old key. */
  #isCertifiable({ epoch, suite }: RingKey): boolean {
    const { chain, log } = this.#deps;
    if (suite.id === chain.suite.id) return true;
    if (!this.#isToldOfSuite) {
      log.warn({ epoch, suite: suite.name }, "the key of now has no certificate: another suite");
    }
    this.#isToldOfSuite = true;
    return false;
  }

  /** Every hub of the genesis: one of them has the authority. */
  #ask({ serial, subject }: Certificate, key: RingKey): void {
    const { chain, keys, uplink } = this.#deps;
    const { suite, chainId, genesis } = chain;
    const signer = key.signer(PURPOSE);
    const [organisation = "", commonName = ""] = [namePart(subject, "O"), namePart(subject, "CN")];
    const request = createRequest(key.suite, signer, { subject: { organisation, commonName } });
    const wish = { serial, request };
    const renewal = encodeRenewalRequest(key.suite, signer, chainId, wish, keys.id);
    for (const { role, publicKey } of genesis.identities) {
      if (role !== "hub") continue;
      const hub = formatHex(identityId(suite.hash, publicKey));
      uplink.publish(topics.renewal(genesis.channel, hub, this.#id), encodeRenewal(renewal));
    }
  }

  #onAnswer(bytes: Uint8Array): void {
    const { log, file } = this.#deps;
    try {
      const { serial, code, detail, certificates } = decodeRenewalAnswer(bytes);
      const chain = file.read();
      if (serial !== chain[0]!.serial) return; // of an earlier question
      if (code !== undefined) {
        this.#refusals++;
        log.warn({ code, detail }, "the certificate was not renewed");
        return;
      }
      this.#take(chain, certificates.map(parseCertificate));
      this.#refusals = 0;
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.warn({ code, detail: message }, "an answer about the certificate is not taken");
    }
  }

  /** The broker is not believed: the certificate must be ours and lead to the root we know. */
  #take(known: readonly Certificate[], answered: readonly Certificate[]): void {
    const { chain, file, log } = this.#deps;
    const [fresh, ...issuers] = answered;
    const root = known.at(-1)!;
    const key = fresh && this.#keyOf(fresh);
    const isOurs = key && certifiedIdentity(chain.suite.hash, fresh) === this.#id;
    if (!isOurs) throw new Fault("CERTIFICATE_NAME", "the certificate is of another key");
    const { notAfterMs } = verifyChain({
      ...{ certificate: fresh, intermediates: issuers, roots: [root], usage: "signing" },
      ...{ suite: chain.suite, crls: [], withoutCrl: "flag", atMs: fresh.notBeforeMs },
    });
    const epoch = this.#keyOf(known[0]!)?.epoch ?? 0;
    const isLater = key.epoch === epoch && notAfterMs > known[0]!.notAfterMs;
    if (key.epoch <= epoch && !isLater) {
      throw new Fault("CERTIFICATE_EXPIRED", "the certificate ends before the one we have");
    }
    file.write([fresh, ...issuers, root]);
    log.info({ serial: fresh.serial, notAfterMs, epoch: key.epoch }, "the certificate is renewed");
  }
}
