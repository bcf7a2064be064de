import { Fault } from "../faults.ts";
import { type Asn1Reader, malformed } from "./asn1-reader.ts";
import { octets, oidElement, sequence, TRUE, tag } from "./asn1-writer.ts";

const MAX_EXTENSIONS = 24;

export interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** Extensions ::= SEQUENCE OF Extension, RFC 5280 §4.1. */
export function encodeExtensions(extensions: readonly Extension[]): Uint8Array {
  return sequence(
    ...extensions.map(({ oid, isCritical, value }) =>
      sequence(oidElement(oid), ...(isCritical ? [TRUE] : []), octets(value)),
    ),
  );
}

/** Extensions of one certificate, request, CRL or CRL entry, by OID. */
export class ExtensionList {
  readonly #byOid = new Map<string, Extension>();

  /** @throws Fault PKI_MALFORMED: the same extension twice (RFC 5280 §4.2), none, too many */
  constructor(reader: Asn1Reader) {
    const list = reader.nested();
    while (!list.isAtEnd && this.#byOid.size < MAX_EXTENSIONS) {
      const item = list.nested();
      const extension = {
        oid: item.oid(),
        isCritical: item.flag(),
        value: item.take(tag.octetString),
      };
      item.end();
      if (this.#byOid.has(extension.oid)) throw malformed("an extension stands there twice");
      this.#byOid.set(extension.oid, extension);
    }
    list.end();
    if (this.#byOid.size === 0) throw malformed("an empty list of extensions");
  }

  /** The extension's value as `read` understands it. */
  read<Value>(oid: string, read: (value: Uint8Array) => Value): Value | undefined {
    const found = this.#byOid.get(oid);
    return found && read(found.value);
  }

  /** @throws Fault CERTIFICATE_EXTENSION for a critical extension not in `known` (RFC 5280 §4.2) */
  checkCritical(known: ReadonlySet<string>): void {
    for (const { oid, isCritical } of this.#byOid.values()) {
      if (isCritical && !known.has(oid)) {
        throw new Fault("CERTIFICATE_EXTENSION", `the critical extension ${oid} is not known here`);
      }
    }
  }

  has(oid: string): boolean {
    return this.#byOid.has(oid);
  }
}
