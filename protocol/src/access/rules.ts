import type { Permission, RestRole } from "../api/access.ts";

/** `member` is anybody who has signed in; `local` anybody at all while the hub answers on loopback only. */
export type PolicyRole = RestRole | "member" | "local";

/** Who asks: a person, a program or a stranger. */
export interface Subject {
  readonly name: string;
  readonly roles: readonly PolicyRole[];
  readonly attributes: Attributes;
}

export type Attributes = Readonly<Record<string, string>>;

/** `user.<attribute>` or `resource.<attribute>`; `user.name` is the subject's name. */
export type AttributePath = `user.${string}` | `resource.${string}`;

/** True when the attribute is one of the values, or the same as the other attribute. One that is missing is neither. */
export interface Condition {
  readonly attribute: AttributePath;
  readonly oneOf?: readonly string[] | undefined;
  readonly sameAs?: AttributePath | undefined;
}

/** One line of the policy. All of its conditions have to hold. */
export interface Rule {
  readonly id: string;
  readonly effect: "permit" | "deny";
  readonly roles: readonly PolicyRole[];
  readonly permissions: readonly Permission[];
  readonly where: readonly Condition[];
  /** Said to whom it decides about. */
  readonly why: { readonly en: string; readonly zh: string };
}

export interface Decision {
  readonly effect: "permit" | "deny";
  /** The rule that decided; null where none fits, which denies. */
  readonly rule: Rule | null;
}

export interface Question {
  readonly subject: Subject;
  readonly permission: Permission;
  /** Undefined asks "for any resource at all": conditions on it are then taken as met where they permit. */
  readonly resource?: Attributes | undefined;
}

/** The first rule that fits decides; none denies (guide §6.3.3). */
export function decide(rules: readonly Rule[], question: Question): Decision {
  const rule = rules.find((one) => fits(one, question)) ?? null;
  return { effect: rule?.effect ?? "deny", rule };
}

function fits({ effect, roles, permissions, where }: Rule, question: Question): boolean {
  const { subject, permission, resource } = question;
  if (!permissions.includes(permission)) return false;
  if (!roles.some((role) => subject.roles.includes(role))) return false;
  return where.every((condition) => {
    if (resource === undefined && asksResource(condition)) return effect === "permit";
    return holds(condition, subject, resource ?? {});
  });
}

export function asksResource({ attribute, sameAs }: Condition): boolean {
  return attribute.startsWith("resource.") || (sameAs?.startsWith("resource.") ?? false);
}

export function holds(
  { attribute, oneOf, sameAs }: Condition,
  subject: Subject,
  of: Attributes,
): boolean {
  const value = attributeAt(attribute, subject, of);
  if (value === undefined) return false;
  if (oneOf?.includes(value)) return true;
  return sameAs !== undefined && value === attributeAt(sameAs, subject, of);
}

function attributeAt(
  path: AttributePath,
  subject: Subject,
  resource: Attributes,
): string | undefined {
  const [side, name = ""] = splitPath(path);
  if (side === "user" && name === "name") return subject.name === "" ? undefined : subject.name;
  const attributes = side === "user" ? subject.attributes : resource;
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function splitPath(path: AttributePath): [side: string, name: string] {
  const dot = path.indexOf(".");
  return [path.slice(0, dot), path.slice(dot + 1)];
}
