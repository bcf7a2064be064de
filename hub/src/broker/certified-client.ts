import { Fault } from "@gridledger/protocol/faults";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { CertifiedClient } from "../tls/client-certificates.ts";
import type { Authenticated } from "./authenticator.ts";

/** A chain never stops because a certificate ended: these are known by their keys on chain. */
const unstoppable: readonly Role[] = ["validator", "candidate", "hub"];

/**
 * The authenticated client, when the certificate of its connection speaks for the same identity. Over
 * TLS both must hold: the certificate, and a connect token signed with the key on chain.
 *
 * @throws Fault TLS_CERTIFICATE_IDENTITY, CERTIFICATE_EXPIRED
 */
export function certifiedClient(
  client: Authenticated,
  certified: CertifiedClient | undefined,
): Authenticated {
  if (certified === undefined) return client;
  if (certified.identity !== client.identity) throw new Fault("TLS_CERTIFICATE_IDENTITY");
  if (certified.isExpired && !unstoppable.includes(client.role)) {
    throw new Fault("CERTIFICATE_EXPIRED");
  }
  return client;
}
