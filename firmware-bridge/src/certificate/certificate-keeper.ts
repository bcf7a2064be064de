import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeRenewalAnswer, encodeRenewal } from "@gridledger/protocol/messages/renewal";
import { type Certificate, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { namePart } from "@gridledger/protocol/pki/names";
import { encodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import { createRequest } from "@gridledger/protocol/pki/request";
import { filters, topics } from "@gridledger/protocol/topics";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Uplink } from "../uplink.ts";
import type { CertificateFile } from "./certificate-file.ts";

const CHECK_MS = 3_600_000;
/** An answer takes a second; a hub that was busy or away is asked again. */
const RETRY_MS = 60_000;

interface KeeperDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly uplink: Pick<Uplink, "publish" | "subscribe" | "onState">;
  readonly file: Pick<CertificateFile, "read" | "write">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps the device's certificate fresh over MQTT (guide §6.1.4): in its last third, and also when it has
 * expired while the device was off. Readings never wait for it.
 */
export class CertificateKeeper {
  readonly #deps: KeeperDeps;
  readonly #id: string;
  #cancel: () => void = () => {};

  constructor(deps: KeeperDeps) {
    const { chain, signer } = deps;
    this.#deps = deps;
    this.#id = formatHex(identityId(chain.suite.hash, signer.publicKey));
  }

  /** Before the uplink starts. @throws Fault CONFIG_INVALID for a certificate of another key, PKI_* */
  start(): void {
    const { chain, signer, uplink, file } = this.#deps;
    const [own] = file.read();
    if (!equalBytes(own!.key.publicKey, signer.publicKey)) {
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

  #check(): void {
    const { clock, file } = this.#deps;
    this.#cancel();
    const [own] = file.read();
    const { notBeforeMs, notAfterMs } = own!;
    const isDue = clock.nowMs() >= notAfterMs - (notAfterMs - notBeforeMs) / 3;
    if (isDue) this.#ask(own!);
    this.#cancel = clock.schedule(isDue ? RETRY_MS : CHECK_MS, () => this.#check());
  }

  /** Every hub of the genesis: one of them has the authority. */
  #ask({ serial, subject }: Certificate): void {
    const { chain, signer, uplink } = this.#deps;
    const { suite, chainId, genesis } = chain;
    const [organisation = "", commonName = ""] = [namePart(subject, "O"), namePart(subject, "CN")];
    const request = createRequest(suite, signer, { subject: { organisation, commonName } });
    const renewal = encodeRenewalRequest(suite, signer, chainId, { serial, request });
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
        log.warn({ code, detail }, "the certificate was not renewed");
        return;
      }
      this.#take(chain, certificates.map(parseCertificate));
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.warn({ code, detail: message }, "an answer about the certificate is not taken");
    }
  }

  /** The broker is not believed: the certificate must be ours and lead to the root we know. */
  #take(known: readonly Certificate[], answered: readonly Certificate[]): void {
    const { chain, signer, file, log } = this.#deps;
    const [fresh, ...issuers] = answered;
    const root = known.at(-1)!;
    if (fresh === undefined || !equalBytes(fresh.key.publicKey, signer.publicKey)) {
      throw new Fault("CERTIFICATE_NAME", "the certificate is of another key");
    }
    const { notAfterMs } = verifyChain({
      ...{ certificate: fresh, intermediates: issuers, roots: [root], usage: "signing" },
      ...{ suite: chain.suite, crls: [], withoutCrl: "flag", atMs: fresh.notBeforeMs },
    });
    if (notAfterMs <= known[0]!.notAfterMs) {
      throw new Fault("CERTIFICATE_EXPIRED", "the certificate ends before the one we have");
    }
    file.write([fresh, ...issuers, root]);
    log.info({ serial: fresh.serial, notAfterMs }, "the certificate is renewed");
  }
}
