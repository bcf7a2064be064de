import { constants } from "node:crypto";

/** What a TLS server shows and whom it believes, as PEM. */
export interface ServerTls {
  /** The server's certificate and the authorities between it and the root, in this order. */
  readonly certificate: string;
  /** PKCS#8. */
  readonly key: string;
  /** The authorities that clients' certificates lead to. */
  readonly authorities: string;
}

/** Protocol options of every TLS door. Certificates of clients are judged by `ClientCertificates`. */
export function serverTlsOptions({ certificate, key, authorities }: ServerTls) {
  return {
    cert: certificate,
    key,
    ca: authorities,
    minVersion: "TLSv1.2" as const,
    requestCert: true,
    // OpenSSL's own verdict cannot tell an expired member from a stranger, and its words are not ours.
    rejectUnauthorized: false,
    // A resumed session brings the client's certificate and not the authorities it sent beside it.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}
