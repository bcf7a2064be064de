import type { Enroller } from "../../outbox/enroller.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly enroller: Pick<Enroller, "enrol">;
}

export function enrol({ enroller }: Deps): Endpoint<"enrol"> {
  return async ({ body: { name, role, publicKey }, reply }) => {
    const key = Buffer.from(publicKey, "base64url");
    const enrolled = await enroller.enrol({ name, role, publicKey: key });
    reply.status(enrolled.state === "final" ? 200 : 202);
    return enrolled;
  };
}
