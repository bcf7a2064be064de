import { malformed } from "./asn1-reader.ts";

/** Labels of RFC 7468 §4–§7. A CRL's is X509 CRL: OpenSSL refuses "CRL". */
export type PemLabel = "CERTIFICATE" | "CERTIFICATE REQUEST" | "X509 CRL";

const LINE_CHARACTERS = 64; // RFC 7468 §2
const MAX_BLOCKS = 16;

export function formatPem(label: PemLabel, encoded: Uint8Array): string {
  const base64 = Buffer.from(encoded).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/**
 * Every block of a text, at least one; nothing but white space may stand around them.
 * @throws Fault PKI_MALFORMED for other labels, too many blocks and what is not plain base64
 */
export function parsePem(label: PemLabel, text: string): Uint8Array[] {
  const [before, ...chunks] = text.split(`-----BEGIN ${label}-----`);
  if (before?.trim() !== "" || chunks.length === 0 || chunks.length > MAX_BLOCKS) {
    throw malformed(`not a PEM text of 1 to ${MAX_BLOCKS} ${label} blocks`);
  }
  return chunks.map((chunk) => {
    const [body = "", rest, ...more] = chunk.split(`-----END ${label}-----`);
    const base64 = body.replace(/\s/g, "");
    const encoded = Buffer.from(base64, "base64");
    if (rest?.trim() !== "" || more.length > 0 || encoded.toString("base64") !== base64) {
      throw malformed(`a ${label} block is not well formed`);
    }
    return encoded;
  });
}
