import { Fault } from "../faults.ts";

/** One value has one text, so that a changed character is always noticed. @throws Fault PROOF_SHAPE */
export function strictBytes(name: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") === text) return bytes;
  throw new Fault("PROOF_SHAPE", `${name} is not base64url`);
}
