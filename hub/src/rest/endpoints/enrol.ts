import type { AuditLog } from "../../logs/audit-log.ts";
import type { Enroller } from "../../outbox/enroller.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly enroller: Pick<Enroller, "enrol">;
  readonly audit: Pick<AuditLog, "record">;
}

export function enrol({ enroller, audit }: Deps): Endpoint<"enrol"> {
  return async ({ body: { name, role, publicKey }, caller, reply }) => {
    const key = Buffer.from(publicKey, "base64url");
    const enrolled = await enroller.enrol({ name, role, publicKey: key });
    await audit.record({
      ...{ category: "user", actor: caller.subject.name, action: "identity.enrol" },
      ...{ target: enrolled.id, result: "done", after: { name, role, publicKey } },
    });
    reply.status(enrolled.state === "final" ? 200 : 202);
    return enrolled;
  };
}
