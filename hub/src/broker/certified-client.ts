import { Fault } from "@gridledger/protocol/faults";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { CertifiedClient } from "../tls/client-certificates.ts";
import type { Authenticated } from "./authenticator.ts";

/** A chain never stops because a certificate ended: these are known by their keys on chain. */
const unstoppable: readonly Role[] = ["validator", "candidate", "hub"];

/**
 * The authenticated client, when the certificate of its connection speaks for the same identity. Over
 * TLS both must hold: the certificate, and a connect token signed with the key on chain. A device that
 * was off for months comes in with its expired certificate, to renew it (guide §6.1.4).
 *
 * @throws Fault TLS_CERTIFICATE_IDENTITY
 */
export function certifiedClient(
  client: Authenticated,
  certified: CertifiedClient | undefined,
): Authenticated {
  if (certified === undefined) return client;
  if (certified.identity !== client.identity) throw new Fault("TLS_CERTIFICATE_IDENTITY");
  if (!certified.isExpired || unstoppable.includes(client.role)) return client;
  return { ...client, mayOnlyRenew: true };
}
