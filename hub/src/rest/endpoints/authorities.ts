import type { Crl } from "@gridledger/protocol/pki/crl";
import { formatName } from "@gridledger/protocol/pki/names";
import { formatPem } from "@gridledger/protocol/pki/pem";
import type { CaDeps } from "../ca-deps.ts";
import type { Endpoint } from "../endpoint.ts";

/** The chain of trust, guide §6.1.2. */
export function authorities({ ca }: CaDeps): Endpoint<"authorities"> {
  return () => {
    const { authorities: known, crls } = ca();
    const { root } = known;
    return {
      root: {
        subject: formatName(root.subject),
        serial: root.serial,
        notAfterMs: root.notAfterMs,
        pem: formatPem("CERTIFICATE", root.encoded),
      },
      issuing: known.all.map((one) => {
        const { number, nextUpdateMs } = crls.current(one);
        const { serial, notAfterMs, encoded } = one.certificate;
        const pem = formatPem("CERTIFICATE", encoded);
        return {
          ...{ id: one.id, organisation: one.organisation, serial, notAfterMs, pem },
          ...{ crlNumber: Number(number), crlNextUpdateMs: nextUpdateMs },
        };
      }),
    };
  };
}

export function revokeAuthority({ ca }: CaDeps): Endpoint<"revokeAuthority"> {
  return async ({ params: { id }, body: { reason } }) => {
    const { organisation, certificate } = ca().authorities.find(id);
    return { organisation, serial: certificate.serial, ...(await ca().close(id, reason)) };
  };
}

/** Who fetches a CRL by its address (RFC 5280 §4.2.1.13) wants DER, people want PEM. */
export function crl({ ca }: CaDeps): Endpoint<"crl"> {
  return ({ query: { issuer, format }, reply }) => {
    const { authorities: known, crls } = ca();
    const authority = issuer === "root" ? undefined : known.find(issuer);
    const list: Crl = authority === undefined ? known.rootCrl : crls.current(authority);
    const pem = formatPem("X509 CRL", list.encoded);
    if (format === "der") reply.raw("application/pkix-crl", list.encoded); // RFC 2585 §4.2
    if (format === "pem") reply.raw("application/x-pem-file", pem);
    const { number, thisUpdateMs, nextUpdateMs, revoked } = list;
    return {
      ...{ authority: authority?.id ?? null, number: Number(number), thisUpdateMs, nextUpdateMs },
      ...{ revoked: revoked.size, pem },
    };
  };
}
