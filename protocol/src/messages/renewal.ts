import { Fault, type FaultCode, faultTable } from "../faults.ts";
import { MAX_CERTIFICATE_BYTES } from "../pki/certificate.ts";
import { MAX_RENEWAL_BYTES } from "../pki/renewal-request.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_CERTIFICATES = 6;
const MAX_DETAIL_BYTES = 256;

/** A device's wish for its next certificate: `[version, 23, renewal]`, see `pki/renewal-request`. */
export function encodeRenewal(renewal: Uint8Array): Uint8Array {
  return startMessage(messageType.renewal, 3, renewal.length + 16)
    .bytes(renewal)
    .finish();
}

/** The signed renewal request. @throws Fault CBOR_* */
export function decodeRenewal(encoded: Uint8Array): Uint8Array {
  const reader = openMessage(encoded, {
    name: "renewal",
    type: messageType.renewal,
    items: 3,
    maxBytes: MAX_RENEWAL_BYTES + 16,
  });
  const renewal = reader.bytes("renewal", MAX_RENEWAL_BYTES);
  reader.end();
  return renewal;
}

/**
 * The authority's answer: `[version, 24, serial, code, detail, [certificate …]]`. Either certificates,
 * the new one first and its issuers behind it, or a code of the fault table. Unsigned: who receives it
 * checks that the certificate is for its own key and leads to the root it knows.
 */
export interface RenewalAnswer {
  /** Of the certificate that was to be replaced. */
  readonly serial: string;
  /** Undefined where there are certificates. */
  readonly code: FaultCode | undefined;
  readonly detail: string;
  /** DER. */
  readonly certificates: readonly Uint8Array[];
}

export function encodeRenewalAnswer(answer: RenewalAnswer): Uint8Array {
  const { serial, code = "", detail, certificates } = answer;
  const writer = startMessage(messageType.renewalAnswer, 6, 4_096).text(serial).text(code);
  writer.text(detail.slice(0, MAX_DETAIL_BYTES / 4)).array(certificates.length);
  for (const certificate of certificates) writer.bytes(certificate);
  return writer.finish();
}

/** @throws Fault CBOR_* */
export function decodeRenewalAnswer(encoded: Uint8Array): RenewalAnswer {
  const reader = openMessage(encoded, {
    name: "renewal answer",
    type: messageType.renewalAnswer,
    items: 6,
    maxBytes: MAX_CERTIFICATES * MAX_CERTIFICATE_BYTES + 512,
  });
  const serial = reader.text("serial", 40);
  const code = reader.text("code", 64);
  const detail = reader.text("detail", MAX_DETAIL_BYTES);
  const certificates: Uint8Array[] = [];
  for (let left = reader.array("certificates", MAX_CERTIFICATES); left > 0; left--) {
    certificates.push(reader.bytes("certificate", MAX_CERTIFICATE_BYTES));
  }
  reader.end();
  const isKnown = code === "" || Object.hasOwn(faultTable, code);
  if (!isKnown || (code === "") !== certificates.length > 0) {
    throw new Fault("CBOR_SHAPE", "neither certificates nor a code");
  }
  return { serial, code: code === "" ? undefined : (code as FaultCode), detail, certificates };
}
