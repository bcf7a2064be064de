import type { Suite } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { identityRevoked, type Standing } from "@gridledger/protocol/ledger/standing";
import { type ConnectToken, verifyConnectToken } from "@gridledger/protocol/messages/connect-token";
import { identityOfClientId } from "./connect-rules.ts";
import { type NonceKeeper, NonceWindow } from "./nonce-window.ts";

/** The identities of the network, as far as the broker needs them. */
export interface Identities {
  /** @returns undefined for an identity that is not enrolled */
  find(idHex: string): KnownIdentity | undefined;
}

/** A key and the number of its suite; the channel's where none is said. */
interface KnownKey {
  readonly publicKey: Uint8Array;
  readonly suiteId?: number;
}

interface KnownIdentity extends KnownKey {
  /** The key before the last rotation, while it may still connect. */
  readonly formerKey?: KnownKey | undefined;
  readonly role: Role;
  readonly standing?: Pick<Standing, "isRevoked" | "reason" | "height"> | undefined;
}

interface AuthenticatorDeps {
  readonly identities: Identities;
  readonly suite: Suite;
  readonly chainId: Uint8Array;
  readonly now: () => number;
  /** Without one a restart forgets used nonces. */
  readonly nonces?: NonceKeeper | undefined;
}

export interface Authenticated {
  /** Identity id in hex. */
  readonly identity: string;
  readonly role: Role;
  /** Its certificate has expired: it may ask for another one and nothing else. */
  readonly mayOnlyRenew?: boolean;
}

/**
 * Who connects: user name and client id carry the identity id, the password is a token signed with
 * its key. So a client id can be taken over only by the holder of the same key.
 */
export class Authenticator {
  readonly #deps: AuthenticatorDeps;
  readonly #windowMs: number;
  readonly #nonces: NonceWindow;

  constructor(deps: AuthenticatorDeps, windowMs: number) {
    this.#deps = deps;
    this.#windowMs = windowMs;
    this.#nonces = new NonceWindow(deps.nonces);
  }

  /** @throws Fault MQTT_CLIENT_ID, MQTT_IDENTITY_UNKNOWN, IDENTITY_REVOKED, MQTT_TOKEN_*, MQTT_CONNECT_RATE */
  authenticate(clientId: string, userName: string | undefined, password: string): Authenticated {
    const identity = identityOfClientId(clientId);
    if (identity === undefined || identity !== userName) throw new Fault("MQTT_CLIENT_ID");
    const known = this.#deps.identities.find(identity);
    if (known === undefined) throw new Fault("MQTT_IDENTITY_UNKNOWN");
    if (known.standing?.isRevoked) throw identityRevoked(identity, known.standing);
    const token = this.#verify(known, password);
    this.#checkFresh(identity, token);
    return { identity, role: known.role };
  }

  /** By the key of now; by the one before while a device cannot know yet that another counts. */
  #verify({ formerKey, ...key }: KnownIdentity, password: string): ConnectToken {
    try {
      return this.#verifyBy(key, password);
    } catch (thrown) {
      const token = formerKey && attempt(() => this.#verifyBy(formerKey, password));
      if (token !== undefined) return token;
      throw new Fault("MQTT_TOKEN_INVALID", "", { cause: asFault(thrown) });
    }
  }

  #verifyBy({ publicKey, suiteId }: KnownKey, password: string): ConnectToken {
    const { suite, chainId } = this.#deps;
    const by = suiteOfKey({ suite }, { suiteId: suiteId ?? suite.id });
    return verifyConnectToken(by, publicKey, chainId, password);
  }

  #checkFresh(identity: string, token: ConnectToken): void {
    const now = this.#deps.now();
    if (Math.abs(now - token.timeMs) > this.#windowMs) throw new Fault("MQTT_TOKEN_AGE");
    const verdict = this.#nonces.use(identity, token.nonce, token.timeMs + this.#windowMs, now);
    if (verdict === "reused") throw new Fault("MQTT_TOKEN_REUSED");
    if (verdict === "full") throw new Fault("MQTT_CONNECT_RATE");
  }
}

function attempt(verify: () => ConnectToken): ConnectToken | undefined {
  try {
    return verify();
  } catch {
    return undefined;
  }
}
