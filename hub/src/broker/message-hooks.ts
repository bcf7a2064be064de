import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { Aedes, Client } from "aedes";
import { denySubscribe } from "./acl.ts";
import type { BrokerCounters } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { BrokerLimits } from "./limits.ts";

/** Where nobody listens: no filter of a client or the hub covers it. */
const NOWHERE = "nowhere";

interface MessageHooksDeps {
  readonly connections: Connections;
  readonly limits: BrokerLimits;
  readonly counters: BrokerCounters;
}

/** What aedes asks of us about messages and subscriptions of a client that is in. */
export function messageHooks({
  connections,
  limits,
  counters,
}: MessageHooksDeps): Pick<Aedes, "authorizePublish" | "authorizeSubscribe" | "authorizeForward"> {
  return {
    authorizePublish: (client, packet, done) => {
      const connection = client === null ? undefined : connections.of(client);
      const denied = connection?.denyPublish(packet.topic);
      if (connection !== undefined && denied === undefined) {
        done(null);
        return;
      }
      const code = denied ?? "MQTT_PUBLISH_DENIED";
      connection?.count(code, { topic: packet.topic.slice(0, 64) });
      // MQTT 3.1.1 cannot refuse one publish [MQTT-3.3.5-2]: aedes disconnects. Who waits for a new
      // certificate would then never hear of it; what else it says is dropped.
      const isDropped = connection?.client?.mayOnlyRenew && denied === "MQTT_PUBLISH_DENIED";
      if (isDropped) Object.assign(packet, { topic: NOWHERE, payload: Buffer.alloc(0) });
      done(isDropped ? null : new Fault(code));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const { topic, qos } = subscription;
      const denied = whyNot({ connections, limits }, client, topic, qos);
      if (denied !== undefined)
        connections.of(client)?.count(denied, { filter: topic.slice(0, 64) });
      // null makes aedes answer 128 for this filter [MQTT-3.9.3-2].
      done(null, denied === undefined ? subscription : null);
    },
    authorizeForward: (client, packet) => {
      if (client.conn.writableLength > limits.maxSubscriberBacklogBytes) {
        counters.dropped++;
        return null;
      }
      counters.deliveries++;
      return packet;
    },
  };
}

/** Why the client may not subscribe, or undefined; the filter then counts as in force. */
function whyNot(
  { connections, limits }: Pick<MessageHooksDeps, "connections" | "limits">,
  client: Client,
  filter: string,
  qos: number,
): FaultCode | undefined {
  const connection = connections.of(client);
  if (connection?.client === undefined) return "MQTT_SUBSCRIBE_DENIED";
  if (qos === 2) return "MQTT_QOS";
  const denied = denySubscribe(connection.client, filter);
  if (denied !== undefined) return denied;
  const { filters } = connection;
  filters.add(filter);
  if (filters.size <= limits.maxSubscriptionsPerClient) return undefined;
  filters.delete(filter);
  return "MQTT_SUBSCRIBE_DENIED";
}
