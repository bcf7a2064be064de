import {
  type Permission,
  permissionNames,
  type RestRole,
  restRoles,
} from "@gridledger/protocol/api/access";
import { InvalidArgumentError } from "commander";

/** `a,b,c` of one list of names. */
function parseNames<Name extends string>(text: string, known: readonly Name[]): Name[] {
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !(known as readonly string[]).includes(name));
  if (wrong === undefined) return names as Name[];
  throw new InvalidArgumentError(`"${wrong}" is none of: ${known.join(", ")}.`);
}

export function parseRoles(text: string): RestRole[] {
  return text === "" ? [] : parseNames(text, restRoles);
}

export function parsePermissions(text: string): Permission[] {
  return parseNames(text, permissionNames);
}

export function parsePermission(text: string): Permission {
  const [permission, ...more] = parsePermissions(text);
  if (permission === undefined || more.length > 0) {
    throw new InvalidArgumentError("Name one permission.");
  }
  return permission;
}

/** Collects `name=value` of an option that is given again and again. */
export function collectAttribute(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, value] = /^([a-z][a-z0-9.-]{0,31})=(.{1,128})$/u.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Write name=value.");
  }
  return { ...before, [name]: value };
}
