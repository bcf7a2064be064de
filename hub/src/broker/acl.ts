import type { FaultCode } from "@gridledger/protocol/faults";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { type ParsedTopic, parseTopic, type TopicKind } from "@gridledger/protocol/topics";
import type { Authenticated } from "./authenticator.ts";

interface Rule {
  /** Kinds of topics, always under the client's own id. */
  readonly publish: readonly TopicKind[];
  /** Filters below `gl/<channel>/`; `own` is the client's id, a `+` also admits one id or lane. */
  readonly subscribe: readonly string[];
}

const follower: Rule = {
  publish: ["transaction", "renewal", "contractEvents"],
  subscribe: ["e/own/+", "f/own/+", "c/k/+", "s/+", "l/+/+", "q/own/+", "v/+/+"],
};

const validator: Rule = {
  publish: [
    ...(["transaction", "consensus", "status", "telemetry", "sync"] as const),
    ...(["refusal", "renewal", "copies"] as const),
  ],
  subscribe: [
    ...["t/+", "c/+/+", "s/+", "m/+", "y/own/+", "e/own/+", "f/own/+"],
    ...["l/+/+", "q/own/+", "d/own/+"],
  ],
};

/** People and organisations talk over REST. */
const nothing: Rule = { publish: [], subscribe: [] };

/** All that is left of a client's rights when its certificate has expired. */
const renewing: Rule = { publish: ["renewal"], subscribe: ["q/own/+"] };

/** Who may do what on the broker. What is not here is refused. */
const table: Readonly<Record<Role, Rule>> = {
  validator,
  // It syncs before it is voted in, and votes over the same connection from the next height on. What
  // it says in consensus before that is no validator's and counts nowhere.
  candidate: validator,
  hub: {
    publish: [
      ...(["transaction", "consensus", "status", "telemetry", "sync"] as const),
      ...(["refusal", "receipt", "revocations", "renewal"] as const),
      ...(["contractEvents", "copies"] as const),
    ],
    subscribe: [
      ...["t/+", "c/+/+", "s/+", "m/+", "y/+/+", "e/+/+", "f/+/+", "l/+/+", "q/+/+", "v/+/+"],
      "d/own/+",
    ],
  },
  device: follower,
  application: follower,
  operator: follower,
  organisation: nothing,
  administrator: nothing,
  supervisor: nothing,
  auditor: nothing,
  custodian: nothing,
};

function ruleOf({ role, mayOnlyRenew }: Authenticated): Rule {
  const rule = table[role];
  if (!mayOnlyRenew) return rule;
  return {
    publish: rule.publish.filter((kind) => renewing.publish.includes(kind)),
    subscribe: rule.subscribe.filter((pattern) => renewing.subscribe.includes(pattern)),
  };
}

/** @returns why the client may not publish there, or undefined */
export function denyPublish(client: Authenticated, topic: string): FaultCode | undefined {
  let parsed: ParsedTopic;
  try {
    parsed = parseTopic(topic); // at most 63 bytes and 6 levels; `$SYS` is none
  } catch {
    return "MQTT_TOPIC";
  }
  const allowed =
    parsed.publisher === client.identity && ruleOf(client).publish.includes(parsed.kind);
  return allowed ? undefined : "MQTT_PUBLISH_DENIED";
}

const filterPattern = /^gl\/[a-z0-9-]{1,16}\/([tcsmyeflqvd]\/.{1,41})$/;
const idOrLane = /^(?:[0-9a-f]{20}|[pvrkqb])$/;

/** @returns why the client may not subscribe, or undefined */
export function denySubscribe(client: Authenticated, filter: string): FaultCode | undefined {
  const rest = filterPattern.exec(filter)?.[1];
  if (rest === undefined) return "MQTT_SUBSCRIBE_DENIED";
  const levels = rest.split("/");
  const allowed = ruleOf(client).subscribe.some((pattern) =>
    covers(pattern.split("/"), levels, client.identity),
  );
  return allowed ? undefined : "MQTT_SUBSCRIBE_DENIED";
}

function covers(pattern: readonly string[], levels: readonly string[], own: string): boolean {
  if (pattern.length !== levels.length) return false;
  return pattern.every((wanted, index) => {
    const level = levels[index] ?? "";
    if (wanted === "+") return level === "+" || idOrLane.test(level);
    return level === (wanted === "own" ? own : wanted);
  });
}
