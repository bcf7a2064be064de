import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Aedes } from "aedes";
import type { Authenticator } from "./authenticator.ts";
import { certifiedClient } from "./certified-client.ts";
import { checkConnect } from "./connect-rules.ts";
import type { Connections } from "./connections.ts";
import type { BrokerLimits } from "./limits.ts";

interface ConnectHooksDeps {
  readonly connections: Connections;
  readonly authenticator: Authenticator;
  readonly limits: BrokerLimits;
}

/** What aedes asks of us about a CONNECT: whether it is in order, and whether it is who it says. */
export function connectHooks({
  connections,
  authenticator,
  limits,
}: ConnectHooksDeps): Pick<Aedes, "preConnect" | "authenticate"> {
  return {
    preConnect: (client, packet, done) => {
      const refusal = checkConnect(packet, limits.maxKeepaliveSeconds);
      const connection = connections.of(client);
      if (refusal !== undefined) {
        connection?.count(refusal.code, { claimed: packet.clientId.slice(0, 45) });
        client.conn.write(Buffer.from([0x20, 2, 0, refusal.returnCode])); // CONNACK, §3.2
        done(new Fault(refusal.code), false);
        return;
      }
      if (connection !== undefined) connection.clientId = packet.clientId;
      done(null, true);
    },
    authenticate: (client, userName, password, done) => {
      const connection = connections.of(client);
      try {
        if (connection === undefined) throw new Fault("INTERNAL");
        const text = password?.toString("latin1") ?? "";
        const { clientId, certified } = connection;
        const authenticated = authenticator.authenticate(clientId, userName, text);
        connection.accept(certifiedClient(authenticated, certified));
        done(null, true);
      } catch (thrown) {
        const fault = asFault(thrown);
        connection?.count(fault.code);
        done(Object.assign(fault, { returnCode: fault.code.includes("TOKEN") ? 4 : 5 }), false);
      }
    },
  };
}
