import type { FaultCode } from "@gridledger/protocol/faults";

/** The fields of a CONNECT (§3.1) that the rules look at, as mqtt-packet parses them. */
export interface ConnectFields {
  readonly protocolId?: string;
  readonly protocolVersion?: number;
  readonly bridgeMode?: boolean;
  readonly clientId: string;
  readonly clean?: boolean;
  readonly keepalive?: number;
  readonly will?: unknown;
}

interface Refusal {
  readonly code: FaultCode;
  /** CONNACK return code, §3.2.2.3. */
  readonly returnCode: number;
}

const clientIdPattern = /^([0-9a-f]{20})(?:-[a-z0-9-]{1,24})?$/;

/**
 * The identity id in a client id `<id>` or `<id>-<suffix>`, or undefined. The pattern also keeps
 * out the names of Object.prototype: aedes 1.1 died of a client called `constructor`
 * (GHSA-52qw-whmv-87c5).
 */
export function identityOfClientId(clientId: string): string | undefined {
  return clientIdPattern.exec(clientId)?.[1];
}

/** Why this CONNECT is refused whoever sends it, or undefined. */
export function checkConnect(packet: ConnectFields, maxKeepaliveSeconds: number) {
  const refuse = (code: FaultCode, returnCode: number): Refusal => ({ code, returnCode });
  if (packet.protocolId !== "MQTT" || packet.protocolVersion !== 4 || packet.bridgeMode === true) {
    return refuse("MQTT_VERSION", 1);
  }
  if (identityOfClientId(packet.clientId) === undefined) return refuse("MQTT_CLIENT_ID", 2);
  // A stored session is an unbounded offline queue in aedes (moscajs/aedes#1087).
  if (packet.clean !== true) return refuse("MQTT_SESSION", 5);
  // Keepalive 0 would let a dead connection hold its place for ever.
  const { keepalive = 0 } = packet;
  if (keepalive === 0 || keepalive > maxKeepaliveSeconds) return refuse("MQTT_SESSION", 5);
  // Wills bypassed the ACL once (GHSA-4cmx-hrq9-c23p); presence is a signed status instead.
  if (packet.will !== undefined) return refuse("MQTT_WILL", 5);
  return undefined;
}
