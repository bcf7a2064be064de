import { Fault } from "./faults.ts";

/**
 * MQTT topics of a channel: `gl/<channel>/<letter>/…`. Lower case, digits, `-` and `/` only, at most
 * 64 bytes and 6 levels, so that aedes, Mosquitto, EMQX and NATS all carry them. `<id>` is an identity
 * id in hex. A client may publish only where its own id stands as the publisher; the broker checks
 * with `publisherOf`.
 *
 * | topic                     | published by | holds                                   |
 * | gl/<ch>/t/<id>            | any sender   | a transaction, as signed                |
 * | gl/<ch>/c/p/<id>          | validator    | proposal                                |
 * | gl/<ch>/c/v/<id>          | validator    | prepare, commit                         |
 * | gl/<ch>/c/r/<id>          | validator    | round change                            |
 * | gl/<ch>/c/k/<id>          | validator    | decide                                  |
 * | gl/<ch>/c/q/<id>          | validator    | prepare, commit, for a relay alone      |
 * | gl/<ch>/c/b/<id>          | hub          | certificate: votes bundled by a relay   |
 * | gl/<ch>/s/<id>            | validator    | status                                  |
 * | gl/<ch>/m/<id>            | node         | telemetry                               |
 * | gl/<ch>/y/<to>/<from>     | node         | sync requests and answers               |
 * | gl/<ch>/e/<to>/<from>     | node         | refusals of the receiver's transactions |
 * | gl/<ch>/f/<to>/<from>     | hub          | finality receipts                       |
 * | gl/<ch>/l/<ca>/<from>     | hub          | the CRL of an authority, retained       |
 * | gl/<ch>/q/<to>/<from>     | any, hub     | certificate renewals and their answers  |
 * | gl/<ch>/v/<to>/<from>     | any, hub     | questions for contract events, and these: `to` is |
 * |                           |              | the contract's first ten bytes, the hub or the asker |
 * | gl/<ch>/d/<to>/<from>     | node, hub    | copies of objects, to their holders and from them    |
 */
export type ConsensusLane = "p" | "v" | "r" | "k" | "q" | "b";
type DirectLane = "y" | "e" | "f" | "l" | "q" | "v" | "d";

export const topics = {
  transaction: (channel: string, sender: string) => `gl/${channel}/t/${sender}`,
  consensus: (channel: string, lane: ConsensusLane, sender: string) =>
    `gl/${channel}/c/${lane}/${sender}`,
  status: (channel: string, sender: string) => `gl/${channel}/s/${sender}`,
  telemetry: (channel: string, sender: string) => `gl/${channel}/m/${sender}`,
  sync: (channel: string, to: string, from: string) => `gl/${channel}/y/${to}/${from}`,
  refusal: (channel: string, to: string, from: string) => `gl/${channel}/e/${to}/${from}`,
  receipt: (channel: string, to: string, from: string) => `gl/${channel}/f/${to}/${from}`,
  /** @param authority identity id of the issuing key */
  revocations: (channel: string, authority: string, from: string) =>
    `gl/${channel}/l/${authority}/${from}`,
  renewal: (channel: string, to: string, from: string) => `gl/${channel}/q/${to}/${from}`,
  /** @param to first ten bytes of the contract's address in hex, or an identity id */
  contractEvents: (channel: string, to: string, from: string) => `gl/${channel}/v/${to}/${from}`,
  copies: (channel: string, to: string, from: string) => `gl/${channel}/d/${to}/${from}`,
} as const;

/** Filters a client subscribes to. */
export const filters = {
  transactions: (channel: string) => `gl/${channel}/t/+`,
  consensus: (channel: string) => `gl/${channel}/c/+/+`,
  decides: (channel: string) => `gl/${channel}/c/k/+`,
  statuses: (channel: string) => `gl/${channel}/s/+`,
  telemetry: (channel: string) => `gl/${channel}/m/+`,
  sync: (channel: string, to: string) => `gl/${channel}/y/${to}/+`,
  refusals: (channel: string, to: string) => `gl/${channel}/e/${to}/+`,
  receipts: (channel: string, to: string) => `gl/${channel}/f/${to}/+`,
  revocations: (channel: string) => `gl/${channel}/l/+/+`,
  renewals: (channel: string, to: string) => `gl/${channel}/q/${to}/+`,
  contractQuestions: (channel: string, hub: string) => `gl/${channel}/v/${hub}/+`,
  copies: (channel: string, to: string) => `gl/${channel}/d/${to}/+`,
} as const;

export type TopicKind =
  | "transaction"
  | "consensus"
  | "status"
  | "telemetry"
  | "sync"
  | "refusal"
  | "receipt"
  | "revocations"
  | "renewal"
  | "contractEvents"
  | "copies";

export interface ParsedTopic {
  readonly channel: string;
  readonly kind: TopicKind;
  /** Identity id of the publisher, in hex. */
  readonly publisher: string;
  /** Identity id of the receiver, for direct topics. */
  readonly receiver?: string;
  readonly lane?: ConsensusLane;
}

const pattern =
  /^gl\/([a-z0-9-]{1,16})\/(?:([tsm])\/([0-9a-f]{20})|c\/([pvrkqb])\/([0-9a-f]{20})|([yeflqvd])\/([0-9a-f]{20})\/([0-9a-f]{20}))$/;
const shared = { t: "transaction", s: "status", m: "telemetry" } as const;
const direct: Record<DirectLane, TopicKind> = {
  ...{ y: "sync", e: "refusal", f: "receipt" },
  ...{ l: "revocations", q: "renewal", v: "contractEvents", d: "copies" },
};

/** @throws Fault CBOR_SHAPE when the text is not a topic of the table above */
export function parseTopic(topic: string): ParsedTopic {
  const match = pattern.exec(topic);
  if (match === null) throw new Fault("CBOR_SHAPE", "not a topic of this network");
  const [, channel = "", letter, sharedBy, lane, consensusBy, directLane, to, from] = match;
  if (letter !== undefined && sharedBy !== undefined) {
    return { channel, kind: shared[letter as keyof typeof shared], publisher: sharedBy };
  }
  if (lane !== undefined && consensusBy !== undefined) {
    return { channel, kind: "consensus", publisher: consensusBy, lane: lane as ConsensusLane };
  }
  return {
    channel,
    kind: direct[directLane as DirectLane],
    publisher: from ?? "",
    receiver: to ?? "",
  };
}
