import { Fault } from "../faults.ts";

const MIN_CHARACTERS = 12;
const MIN_DIFFERENT = 5;

/** Beginnings and wholes of what people choose when twelve characters are asked (NIST SP 800-63B §3.1.1.2). */
const common = [
  "password",
  "passw0rd",
  "p@ssw0rd",
  "p@ssword",
  "adminadmin",
  "administrator",
  "welcome",
  "letmein",
  "changeme",
  "qwerty",
  "qwertz",
  "azerty",
  "asdfgh",
  "zxcvbn",
  "1q2w3e",
  "1qaz2wsx",
  "iloveyou",
  "trustno1",
  "monkey",
  "dragon",
  "sunshine",
  "princess",
  "football",
  "baseball",
  "superman",
  "batman",
  "abc123",
  "abcdef",
  "123456",
  "654321",
  "012345",
  "987654",
  "woaini",
  "5201314",
  "gridledger",
  "operator",
];

/** @throws Fault PASSWORD_WEAK */
export function checkPassword(user: string, password: string): void {
  const characters = [...password.normalize("NFC")];
  if (characters.length < MIN_CHARACTERS) refuse(`choose at least ${MIN_CHARACTERS} characters`);
  const lower = password.toLowerCase();
  const isPlain = new Set(lower).size < MIN_DIFFERENT || surprises(lower) < MIN_DIFFERENT;
  if (isPlain) refuse("choose more different characters");
  if (lower.includes(user.toLowerCase())) refuse("the password must not hold the user name");
  // A common word with a few digits after it is the first thing that is tried.
  const rest = common.reduce((text, word) => text.replaceAll(word, ""), lower);
  if (rest.length < MIN_CHARACTERS / 2) refuse("the password is too common");
}

/** Characters that do not just repeat, follow or precede the one before: `123456789012` has two. */
function surprises(text: string): number {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  return codes.filter((code, i) => Math.abs(code - (codes[i - 1] ?? -9)) > 1).length;
}

function refuse(detail: string): never {
  throw new Fault("PASSWORD_WEAK", detail);
}
