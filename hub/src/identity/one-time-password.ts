import { randomInt } from "node:crypto";

/** Without those that look alike. 20 of 54: 115 bits. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CHARACTERS = 20;

export function oneTimePassword(): string {
  return Array.from({ length: CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
