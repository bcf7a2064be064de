import { TokenBuckets } from "@gridledger/protocol/access/token-buckets";
import { type RouteName, routePaths } from "@gridledger/protocol/api/paths";
import { Fault } from "@gridledger/protocol/faults";
import type { AuditLog } from "../logs/audit-log.ts";
import type { Caller } from "./caller.ts";

interface RefusalsDeps {
  readonly audit: Pick<AuditLog, "record">;
  readonly now: () => number;
}

/** Writes down who tried to change what they may not; a few of each, so that nobody fills the log. */
export class Refusals {
  readonly #audit: RefusalsDeps["audit"];
  readonly #buckets: TokenBuckets;

  constructor({ audit, now }: RefusalsDeps) {
    this.#audit = audit;
    this.#buckets = new TokenBuckets(now, { burst: 20, perSecond: 0.1 });
  }

  /** @throws what the check does */
  async watch({ subject }: Caller, name: RouteName, check: () => void): Promise<void> {
    try {
      check();
    } catch (thrown) {
      const isChange = routePaths[name].method !== "get";
      if (thrown instanceof Fault && thrown.code === "FORBIDDEN" && isChange) {
        await this.#record(subject.name, name, thrown.message);
      }
      throw thrown;
    }
  }

  async #record(actor: string, action: RouteName, detail: string): Promise<void> {
    try {
      this.#buckets.take(actor);
    } catch {
      return; // enough of them are written down
    }
    const target = routePaths[action].path;
    const event = { category: "user", actor, action, target, result: "refused", detail } as const;
    await this.#audit.record(event);
  }
}
