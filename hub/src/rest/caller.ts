import type { Attributes, Decision, PolicyRole, Subject } from "@gridledger/protocol/access/rules";
import type { Permission } from "@gridledger/protocol/api/access";
import { Fault } from "@gridledger/protocol/faults";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { SignedIn } from "../identity/login.ts";
import type { AccessPolicy } from "../identity/policy/access-policy.ts";
import { addressOf } from "./connection.ts";

export const SESSION_COOKIE = "gl_session";
const TOKEN_CHARACTERS = 43;

/** What a session with the hub's one-time password opens: it stands in a log of the terminal. */
const beforeOwnPassword: ReadonlySet<Permission> = new Set<Permission>([
  "account.password",
  "ledger.read",
  "submission.read",
]);

/** Who calls. */
export interface Caller {
  readonly address: string;
  readonly session: SignedIn | undefined;
  /** A stranger has no name. */
  readonly subject: Subject;
  /** What this caller may do, for some resource at least. */
  readonly permissions: () => readonly Permission[];
  /** @throws Fault NOT_SIGNED_IN, FORBIDDEN @param resource undefined: any at all */
  readonly check: (permission: Permission, resource?: Attributes) => void;
}

interface CallerDeps {
  readonly findSession: (token: string) => Promise<SignedIn | undefined>;
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

  async of(context: Context): Promise<Caller> {
    const token = getCookie(context, SESSION_COOKIE);
    const isToken = token?.length === TOKEN_CHARACTERS;
    return this.as(isToken ? await this.#deps.findSession(token) : undefined, addressOf(context));
  }

  /** The caller that a session makes; undefined is a stranger. */
  as(session: SignedIn | undefined, address: string): Caller {
    const { policy } = this.#deps;
    const subject = this.#subject(session?.subject);
    const mayNow = (permission: Permission) =>
      session?.mustChangePassword !== true || beforeOwnPassword.has(permission);
    return {
      ...{ address, session, subject },
      permissions: () => policy.permissionsOf(subject).filter(mayNow),
      check: (permission, resource) => {
        const decision = policy.decide(subject, permission, resource);
        if (decision.effect === "deny") throw refusal(session, permission, decision);
        if (!mayNow(permission)) {
          throw new Fault("FORBIDDEN", "choose a password of your own first");
        }
      },
    };
  }

  #subject(subject: Subject | undefined): Subject {
    const here: readonly PolicyRole[] = this.#deps.anonymousReads ? ["local"] : [];
    if (subject === undefined) return { name: "", roles: here, attributes: {} };
    return { ...subject, roles: [...here, ...subject.roles] };
  }
}

function refusal(session: SignedIn | undefined, permission: Permission, { rule }: Decision): Fault {
  if (session === undefined) return new Fault("NOT_SIGNED_IN");
  const why = rule === null ? "no rule permits it" : `${rule.why.en} (${rule.id})`;
  const data = { permission, rule: rule?.id ?? null };
  return new Fault("FORBIDDEN", `${permission}: ${why}`, { data });
}
