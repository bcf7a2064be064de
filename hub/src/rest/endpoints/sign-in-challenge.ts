import type { KeyLogin } from "../../identity/key-login.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly keyLogin: Pick<KeyLogin, "challenge">;
}

export function signInChallenge({ keyLogin }: Deps): Endpoint<"signInChallenge"> {
  return () => keyLogin.challenge();
}
