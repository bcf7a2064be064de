import { PasswordHasher } from "@gridledger/protocol/access/password-hasher";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { AuditLog } from "../logs/audit-log.ts";
import type { Store } from "../store/store.ts";
import type { ClientCertificates } from "../tls/client-certificates.ts";
import { Accounts } from "./accounts.ts";
import { Bearers } from "./bearers.ts";
import { CertificateLogin } from "./certificate-login.ts";
import type { SignInIdentity } from "./identity-subject.ts";
import { KeyLogin } from "./key-login.ts";
import { Login } from "./login.ts";
import { AccessPolicy } from "./policy/access-policy.ts";
import { Sessions } from "./sessions.ts";
import { Tokens } from "./tokens.ts";
import { Users } from "./users.ts";

interface IdentityDeps {
  readonly store: Store;
  readonly chain: Chain;
  /** The hub's identity id in hex. */
  readonly self: string;
  readonly findIdentity: (id: string) => SignInIdentity | undefined;
  /** Judges who shows a certificate. */
  readonly certificates: ClientCertificates;
  readonly now: () => number;
}

export type Identity = Awaited<ReturnType<typeof startIdentity>>;

/** Users, sessions, tokens, policy and the log of what is done with them, put together. */
export async function startIdentity(deps: IdentityDeps) {
  const { store, chain, self, findIdentity, certificates, now } = deps;
  let rightsChanged = () => {};
  const onRightsChanged = () => rightsChanged();
  const accounts = new Accounts(store);
  const sessions = new Sessions(store, now);
  const hasher = new PasswordHasher();
  const audit = new AuditLog({ store, hash: chain.suite.hash, now });
  const tokens = new Tokens({ store, audit, now });
  const policy = new AccessPolicy({ store, accounts, audit, now, onRightsChanged });
  await policy.start();
  const users = new Users({
    ...{ store, accounts, sessions, tokens, hasher, policy, audit, now, onRightsChanged },
  });
  const keyLogin = new KeyLogin({ chain, self, findIdentity, sessions, audit, now });
  const bearers = new Bearers({ accounts, tokens, keyLogin });
  const certificateLogin = new CertificateLogin({ certificates, findIdentity });
  const login = new Login({ store, accounts, sessions, hasher, audit, now });
  const oneTimePassword = await login.start();
  return {
    ...{ accounts, sessions, audit, tokens, policy, users, keyLogin, bearers, login },
    certificateLogin,
    /** Of the first account, while nobody has chosen one. */
    oneTimePassword,
    /** Whom to tell when anybody's rights have changed. */
    listen(listener: () => void) {
      rightsChanged = listener;
    },
  };
}
