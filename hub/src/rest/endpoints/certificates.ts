import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { certificateFingerprint, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { formatName } from "@gridledger/protocol/pki/names";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { decodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import type { CertificateAuthority } from "../../ca/certificate-authority.ts";
import type { IssuedCertificate } from "../../ca/tables/certificate-table.ts";
import type { CaDeps } from "../ca-deps.ts";
import { cut } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

const DAY_MS = 86_400_000;

type Summary = RouteAnswer<"certificates">["items"][number];

function stateOf({ revokedMs, notAfterMs }: IssuedCertificate, nowMs: number): Summary["state"] {
  if (revokedMs !== null) return "revoked";
  return notAfterMs < nowMs ? "expired" : "valid";
}

function summary(certificate: IssuedCertificate, nowMs: number): Summary {
  const { serial, authority, purpose, name, role, identity, issuedBy, replacedBy } = certificate;
  const { notBeforeMs, notAfterMs, revokedMs, reason, revokedBy, toRecord } = certificate;
  return {
    ...{ serial, authority, purpose, name, role, identity, issuedBy, replacedBy },
    ...{ notBeforeMs, notAfterMs, revokedMs, reason, revokedBy, recorded: !toRecord },
    state: stateOf(certificate, nowMs),
  };
}

/** PEM of the issuing authority and of the root. */
export function chainOf({ authorities }: CertificateAuthority, authority: string): string[] {
  const { certificate } = authorities.find(authority);
  return [certificate, authorities.root].map(({ encoded }) => formatPem("CERTIFICATE", encoded));
}

function detail({ ca, now }: CaDeps, certificate: IssuedCertificate): RouteAnswer<"certificate"> {
  const parsed = parseCertificate(certificate.encoded);
  return {
    ...summary(certificate, now()),
    subject: formatName(parsed.subject),
    attributes: Object.fromEntries(parsed.subjectRole?.attributes ?? []),
    fingerprint: formatHex(certificateFingerprint(parsed)),
    pem: formatPem("CERTIFICATE", certificate.encoded),
    chain: chainOf(ca(), certificate.authority),
  };
}

async function found({ ca }: CaDeps, serial: string): Promise<IssuedCertificate> {
  const certificate = await ca().certificates.find(serial);
  if (certificate === undefined) throw new Fault("NOT_FOUND", "there is no such certificate");
  return certificate;
}

/** The cursor is the position of the last one. */
export function certificates({ ca, now }: CaDeps): Endpoint<"certificates"> {
  return async ({ query: { limit, cursor, search, state, endsWithinDays } }) => {
    const filter = {
      ...{ limit: limit + 1, search, state },
      endsBeforeMs: endsWithinDays === undefined ? undefined : now() + endsWithinDays * DAY_MS,
      beforePosition: cursor === undefined ? undefined : Number(cursor),
    };
    const { items, hasMore } = cut(await ca().certificates.page(filter, now()), limit);
    return {
      items: items.map((one) => summary(one, now())),
      next: hasMore ? String(items.at(-1)?.position) : null,
    };
  };
}

export function certificate(deps: CaDeps): Endpoint<"certificate"> {
  return async ({ params: { serial } }) => detail(deps, await found(deps, serial));
}

export function revokeCertificate(deps: CaDeps): Endpoint<"revokeCertificate"> {
  return async ({ params: { serial }, body: { reason }, caller }) => {
    await deps.ca().revoke(serial, reason, caller.subject.name);
    return detail(deps, await found(deps, serial));
  };
}

export function renewCertificate(deps: CaDeps): Endpoint<"renewCertificate"> {
  return async ({ params: { serial }, body }) => {
    const renewal = Buffer.from(body.renewal, "base64url");
    if (decodeRenewalRequest(renewal).serial !== serial) {
      throw new Fault("REQUEST_SUBJECT", "the renewal is for another certificate");
    }
    return detail(deps, await deps.ca().renew(renewal));
  };
}
