import type { KeyLogin } from "../../identity/key-login.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly keyLogin: Pick<KeyLogin, "signIn">;
}

export function signInKey({ keyLogin }: Deps): Endpoint<"signInKey"> {
  return async ({ body, caller }) => {
    const proof = Buffer.from(body.proof, "base64url");
    const { token, subject, expiresMs } = await keyLogin.signIn(proof, caller.address);
    return { token, user: subject.name, expiresMs };
  };
}
