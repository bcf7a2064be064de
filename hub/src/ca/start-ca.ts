import { type KeyRing, soleRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Accounts } from "../identity/accounts.ts";
import type { Directory } from "../index/directory.ts";
import type { Log } from "../log.ts";
import type { Enroller } from "../outbox/enroller.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { Authorities } from "./authorities.ts";
import { AuthorityFolder } from "./authority-folder.ts";
import { CertificateAuthority } from "./certificate-authority.ts";
import { crlNotices } from "./crl-notices.ts";
import { RenewalListener } from "./renewal-listener.ts";
import type { CaStore } from "./tables/ca-store.ts";

const MAX_FOUNDERS = 4_096;

/** Where an authority's files lie, and how it issues. */
export interface CaConfig {
  readonly folder: string;
  readonly unlockFile: string;
  readonly certificateDays: number;
  /** Where people reach this hub, for the CRL's address in certificates. */
  readonly publicUrl?: string | undefined;
}

interface StartDeps {
  readonly chain: Chain;
  readonly store: CaStore;
  readonly directory: Directory;
  readonly accounts: Pick<Accounts, "all">;
  readonly outbox: Pick<Outbox, "submit">;
  readonly enroller: Pick<Enroller, "enrol">;
  readonly operatorKeys: KeyRing | undefined;
  readonly bus: Bus & { publishRetained(topic: string, bytes: Uint8Array): void };
  readonly headHeight: () => number;
  readonly describeRemoval: (publicKey: Uint8Array) => string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens the authority's files and sets it to work. @param self the hub's identity id
 *
 * @throws Fault KEY_INVALID, PASSPHRASE_WRONG, FILE_UNREADABLE, PKI_*
 */
export async function startCa(
  deps: StartDeps,
  self: string,
  config: CaConfig,
): Promise<CertificateAuthority> {
  const { chain, directory, accounts, outbox, enroller, bus, log } = deps;
  const { folder, unlockFile, certificateDays, publicUrl } = config;
  const files = new AuthorityFolder({ suite: chain.suite, folder, unlockFile });
  const authorities = new Authorities(
    files.root(),
    () => files.rootCrl(),
    files.issuing(),
    (key) => directory.isRevokedCertificate(key),
  );
  const { publishRetained } = bus;
  const authority = new CertificateAuthority(
    {
      ...deps,
      authorities,
      findIdentity: (id) => directory.find(id),
      identityOf: (publicKey) => directory.identityOf(publicKey),
      founders: () => directory.page(MAX_FOUNDERS).filter(({ sinceHeight }) => sinceHeight === 0),
      operatorCount: async () =>
        (await accounts.all()).filter(
          ({ isEnabled, roles }) => isEnabled && roles.includes("operator"),
        ).length,
      publishCrl: crlNotices({ chain, self, publishRetained: publishRetained.bind(bus) }),
      keys: recorderOf(deps, authorities),
      enrol: (identity) => enroller.enrol(identity),
      submit: (encoded, waitMs) => outbox.submit(encoded, waitMs),
    },
    {
      certificateDays,
      crlUri:
        publicUrl === undefined
          ? undefined
          : (id) => `${publicUrl}/api/v1/crl?issuer=${id}&format=der`,
    },
  );
  new RenewalListener({ chain, bus, authority, log }, self).start();
  await authority.start();
  return authority;
}

/** The operator authority's key, else an issuing authority's that the channel knows as an organisation. */
function recorderOf(
  { operatorKeys, directory }: StartDeps,
  authorities: Authorities,
): KeyRing | undefined {
  if (operatorKeys !== undefined) return operatorKeys;
  const enrolled = authorities.all.find(({ id }) => directory.find(id)?.role === "organisation");
  return enrolled && soleRing(enrolled.suite, enrolled.signer);
}
