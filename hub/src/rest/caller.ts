import type { Attributes, Decision, PolicyRole, Subject } from "@gridledger/protocol/access/rules";
import type { Permission } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import type { Context } from "hono";
import type { Bearer } from "../identity/bearers.ts";
import type { SignedIn } from "../identity/login.ts";
import type { AccessPolicy } from "../identity/policy/access-policy.ts";
import type { CertificateSource } from "../tls/client-certificates.ts";
import { addressOf, certificateSourceOf } from "./connection.ts";
import { credentialsOf } from "./credentials.ts";

/** What a session with the hub's one-time password opens: it stands in a log of the terminal. */
const beforeOwnPassword: readonly Permission[] = [
  "account.password",
  "ledger.read",
  "submission.read",
];

/** Who calls. */
export interface Caller {
  readonly address: string;
  /** Of the console; a program has none. */
  readonly session: SignedIn | undefined;
  /** Known by the certificate of the connection and nothing else. */
  readonly isCertified: boolean;
  /** A stranger has no name. */
  readonly subject: Subject;
  /** What this caller may do, for some resource at least. */
  readonly permissions: () => readonly Permission[];
  /** @throws Fault NOT_SIGNED_IN, FORBIDDEN @param resource undefined: any at all */
  readonly check: (permission: Permission, resource?: Attributes) => void;
}

interface CallerDeps {
  readonly findSession: (token: string) => Promise<SignedIn | undefined>;
  readonly findBearer: (secret: string) => Promise<Bearer | undefined>;
  /** Throws for a certificate that is shown and not good. */
  readonly findCertified: (connection: CertificateSource) => Subject | undefined;
  readonly policy: AccessPolicy;
  /** Whether anybody may read ledger data. */
  readonly anonymousReads: boolean;
}

/** Finds out who sends a request and holds them to the policy. */
export class Callers {
  readonly #deps: CallerDeps;

  constructor(deps: CallerDeps) {
    this.#deps = deps;
  }

  /**
   * By the token, else by the session's cookie, else by the certificate of the connection.
   * @throws Fault TOKEN_INVALID, TOKEN_IN_ADDRESS, REQUEST_INVALID, CERTIFICATE_*, IDENTITY_REVOKED, …
   */
  async of(context: Context): Promise<Caller> {
    const { cookie, bearer: secret } = credentialsOf(context);
    const address = addressOf(context);
    if (secret === undefined && cookie !== undefined) {
      return this.as(await this.#deps.findSession(cookie), address);
    }
    if (secret === undefined) {
      const connection = certificateSourceOf(context);
      const subject = connection && this.#deps.findCertified(connection);
      return subject ? this.#certified(subject, address) : this.as(undefined, address);
    }
    const bearer = await this.#deps.findBearer(secret);
    // A token that is over makes no stranger of its program: that would hide why it sees less.
    if (bearer === undefined) throw new Fault("TOKEN_INVALID");
    return this.#caller({ ...bearer, session: undefined, isCertified: false, address });
  }

  /** The caller that a session of the console makes; undefined is a stranger. */
  as(session: SignedIn | undefined, address: string): Caller {
    const subject = session?.subject ?? { name: "", roles: [], attributes: {} };
    const scope = session?.mustChangePassword ? beforeOwnPassword : undefined;
    return this.#caller({ subject, scope, session, isCertified: false, address });
  }

  #certified(subject: Subject, address: string): Caller {
    const none = { scope: undefined, session: undefined };
    return this.#caller({ ...none, subject, isCertified: true, address });
  }

  /** With the roles that everybody has here. */
  subjectHere(subject: Subject): Subject {
    const here: readonly PolicyRole[] = this.#deps.anonymousReads ? ["local"] : [];
    return { ...subject, roles: [...here, ...subject.roles] };
  }

  #caller(who: Bearer & Pick<Caller, "session" | "isCertified" | "address">): Caller {
    const { policy } = this.#deps;
    const { session, isCertified, scope, address } = who;
    const subject = this.subjectHere(who.subject);
    const isInScope = (permission: Permission) => scope?.includes(permission) ?? true;
    return {
      ...{ address, session, isCertified, subject },
      permissions: () => policy.permissionsOf(subject).filter(isInScope),
      check: (permission, resource) => {
        const decision = policy.decide(subject, permission, resource);
        if (decision.effect === "deny") throw refusal(subject, permission, decision);
        if (isInScope(permission)) return;
        const detail = session
          ? "choose a password of your own first"
          : "the token has no such scope";
        throw new Fault("FORBIDDEN", `${permission}: ${detail}`, { data: { permission } });
      },
    };
  }
}

function refusal({ name }: Subject, permission: Permission, { rule }: Decision): Fault {
  if (name === "") return new Fault("NOT_SIGNED_IN");
  const why = rule === null ? "no rule permits it" : `${rule.why.en} (${rule.id})`;
  const data = { permission, rule: rule?.id ?? null };
  return new Fault("FORBIDDEN", `${permission}: ${why}`, { data });
}
