import type { Log } from "../../log.ts";
import type { AuditLog } from "../../logs/audit-log.ts";
import type { CopyAlarm, CopyAlarms } from "./copy-alarms.ts";

interface TellDeps {
  readonly alarms: Pick<CopyAlarms, "listen">;
  readonly audit: Pick<AuditLog, "record">;
  /** Each of those that want alarms is told once an id. */
  readonly webhooks: { raise(type: string, id: string, alarm: CopyAlarm): Promise<void> };
  /** The console. */
  readonly feed: {
    alarm(alarm: Pick<CopyAlarm, "kind" | "foundMs"> & { readonly name: string }): void;
  };
  readonly log: Log;
}

/** A bad copy is told on the console, to webhooks, and stands in the audit log. */
export function tellAlarms({ alarms, audit, webhooks, feed, log }: TellDeps): void {
  let work: Promise<unknown> = Promise.resolve();
  const andThen = (next: () => Promise<unknown>) => {
    work = work.then(next).catch((thrown: unknown) => {
      log.error({ err: thrown }, "an alarm did not get through");
    });
  };
  alarms.listen((alarm) => {
    const { object, holder, kind, reason, foundMs } = alarm;
    const target = object || holder;
    feed.alarm({ name: target, kind, foundMs });
    andThen(() =>
      audit.record({
        ...({ category: "data", actor: "hub", action: kind, result: "done" } as const),
        ...{ target, after: { holder, reason, foundMs } },
      }),
    );
    andThen(() => webhooks.raise(kind, `${kind}.${target}.${holder}.${foundMs}`, alarm));
  });
}
