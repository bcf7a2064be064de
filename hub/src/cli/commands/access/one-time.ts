import type { RouteAnswer } from "@gridledger/protocol/api/contract";

/** What is told once, and how to go on. */
export function oneTimeLines({ user, oneTimePassword }: RouteAnswer<"addUser">): string[] {
  if (oneTimePassword === null) {
    return [`${user.name} is a program: make it a token with`, tokenHint(user.name)];
  }
  return [
    `one-time password of ${user.name}: ${oneTimePassword}`,
    "It is shown this once, and opens nothing but the choice of an own password.",
  ];
}

function tokenHint(name: string): string {
  return `  gridledger token create --for ${name} --name <name> --permissions ledger.read`;
}
