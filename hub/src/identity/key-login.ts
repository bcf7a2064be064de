import { randomBytes } from "node:crypto";
import type { Subject } from "@gridledger/protocol/access/rules";
import {
  CHALLENGE_BYTES,
  decodeSignInProof,
  verifySignInProof,
} from "@gridledger/protocol/access/sign-in-proof";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import type { AuditLog } from "../logs/audit-log.ts";
import { identitySubject, type SignInIdentity } from "./identity-subject.ts";
import type { Sessions } from "./sessions.ts";

export const KEY_TOKEN_PREFIX = "gls_";
const CHALLENGE_MS = 120_000;
/** The oldest leaves: strangers may ask for many. */
const MAX_CHALLENGES = 10_000;

interface KeyLoginDeps {
  readonly chain: Pick<Chain, "suite" | "chainId">;
  /** The hub's identity id in hex. */
  readonly self: string;
  readonly findIdentity: (id: string) => SignInIdentity | undefined;
  readonly sessions: Sessions;
  readonly audit: Pick<AuditLog, "record">;
  readonly now: () => number;
}

/** Programs sign in with the key of an enrolled identity: a challenge, signed, for a short bearer token. */
export class KeyLogin {
  readonly #deps: KeyLoginDeps;
  /** When each ends, oldest first. */
  readonly #challenges = new Map<string, number>();

  constructor(deps: KeyLoginDeps) {
    this.#deps = deps;
  }

  challenge(): { challenge: string; hub: string; expiresMs: number } {
    const challenge = randomBytes(CHALLENGE_BYTES).toString("base64url");
    const expiresMs = this.#deps.now() + CHALLENGE_MS;
    this.#challenges.set(challenge, expiresMs);
    for (const oldest of this.#challenges.keys()) {
      if (this.#challenges.size <= MAX_CHALLENGES) break;
      this.#challenges.delete(oldest);
    }
    return { challenge, hub: this.#deps.self, expiresMs };
  }

  /** @throws Fault CBOR_*, SIGN_IN_PROOF, FORBIDDEN for an identity without business here */
  async signIn(
    proof: Uint8Array,
    address: string,
  ): Promise<{ token: string; subject: Subject; expiresMs: number }> {
    const { chain, self, findIdentity, sessions, audit } = this.#deps;
    const message = decodeSignInProof(proof);
    const id = formatHex(message.keyId);
    const identity = findIdentity(id);
    if (identity === undefined) throw new Fault("SIGN_IN_PROOF", "the key is not enrolled");
    const { publicKey, suiteId = chain.suite.id } = identity;
    const suite = suiteOfKey(chain, { suiteId });
    const proven = verifySignInProof(suite, publicKey, chain.chainId, message);
    const isOurs = formatHex(proven.hub) === self;
    if (!(isOurs && this.#take(proven.challenge))) throw new Fault("SIGN_IN_PROOF");
    const subject = identitySubject(identity);
    const token = await sessions.open(subject.name, "key", address);
    const session = await sessions.find(token);
    await audit.record({
      ...{ category: "user", actor: subject.name, action: "session.open", target: subject.name },
      ...{ result: "done", detail: `by key from ${address}` },
    });
    return { token: KEY_TOKEN_PREFIX + token, subject, expiresMs: session?.expiresMs ?? 0 };
  }

  /** Who the bearer token belongs to; undefined when it is over or the identity is gone. */
  async find(token: string): Promise<Subject | undefined> {
    const session = await this.#deps.sessions.find(token.slice(KEY_TOKEN_PREFIX.length));
    if (session?.kind !== "key") return undefined;
    const identity = this.#deps.findIdentity(session.account.replace("key:", ""));
    return identity && identitySubject(identity);
  }

  /** Each challenge is good once. */
  #take(given: Uint8Array): boolean {
    const challenge = Buffer.from(given).toString("base64url");
    const expiresMs = this.#challenges.get(challenge) ?? 0;
    this.#challenges.delete(challenge);
    return expiresMs > this.#deps.now();
  }
}
