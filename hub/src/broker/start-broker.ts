import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { HubConfig } from "../config.ts";
import type { Directory } from "../index/directory.ts";
import type { Log } from "../log.ts";
import { onNextFreePort } from "../next-free-port.ts";
import { ClientCertificates } from "../tls/client-certificates.ts";
import { readServerTls } from "../tls/tls-files.ts";
import { Broker } from "./broker.ts";
import { NonceFile } from "./nonce-file.ts";

const LOOPBACK = "127.0.0.1";

interface BrokerDeps {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  /** Stops it with the hub, whatever comes after. */
  readonly keep: (broker: Broker) => void;
}

export interface BrokerDoor {
  readonly broker: Broker;
  readonly certificates: ClientCertificates;
  readonly mqttPort: number;
  readonly mqttsPort?: number;
}

/** The broker and its doors: in the clear, and with TLS where there are files for it. @throws Fault PORT_IN_USE */
export async function startBroker(
  { directory, clock, log, keep }: BrokerDeps,
  config: HubConfig,
): Promise<BrokerDoor> {
  const { chain, home, host, mqttPort, mqttsPort, tls: files } = config;
  const { chainId, suite } = chain;
  const tls = files && readServerTls(files);
  const now = () => clock.now();
  const certificates = new ClientCertificates(
    { hash: suite.hash, now, isRevoked: (key) => directory.isRevokedCertificate(key) },
    tls?.authorities,
  );
  const nonces = new NonceFile({
    ...{ file: join(home, "connect-nonces"), now },
    onFault: (err) => log.error({ err }, "used nonces cannot be kept"),
  });
  const deps = { identities: directory, suite, log, now, certificates, nonces };
  const door = await onNextFreePort(mqttPort, async (port) => {
    // In the clear for this machine only, where there is TLS for the others.
    const plainHost = tls === undefined ? host : LOOPBACK;
    const broker = new Broker(deps, { chainId, host: plainHost, port });
    const started = await broker.start();
    keep(broker);
    return { broker, certificates, mqttPort: started.port };
  });
  if (tls === undefined) return door;
  const secure = await onNextFreePort(mqttsPort, (port) => door.broker.listen({ host, port, tls }));
  return { ...door, mqttsPort: secure.port };
}
