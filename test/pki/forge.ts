import { der } from "@gridledger/protocol/crypto/der";
import { derFromRaw } from "@gridledger/protocol/crypto/der-signature";
import { algorithmOfSuite } from "@gridledger/protocol/pki/algorithms";
import {
  bits,
  explicitTag,
  integer,
  octets,
  oidElement,
  sequence,
  TRUE,
  tag,
} from "@gridledger/protocol/pki/asn1-writer";
import { encodeAuthorityKeyId, encodeSubjectKeyId } from "@gridledger/protocol/pki/key-id";
import { encodeKeyUsage, type KeyUsage } from "@gridledger/protocol/pki/key-usage";
import { makeName, type Name } from "@gridledger/protocol/pki/names";
import { oid } from "@gridledger/protocol/pki/oids";
import {
  encodePublicKey,
  keyIdentifier,
  subjectPublicKey,
} from "@gridledger/protocol/pki/public-key";
import { encodeSubjectRole } from "@gridledger/protocol/pki/role-extension";
import type { Actor, Consortium } from "./consortium.ts";

const ORGANISATION = "China Southern Grid";

/** An extension as it stands in a certificate. */
export function extension(id: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(oidElement(id), ...(isCritical ? [TRUE] : []), octets(value));
}

export const utcTime = (text: string) => der(tag.utcTime, Buffer.from(text));
export const generalizedTime = (text: string) => der(tag.generalizedTime, Buffer.from(text));

/** A name as this consortium writes them, with a role where it is a device's. */
export function nameOf(commonName: string, role?: "device"): Name {
  return makeName([
    ["O", ORGANISATION],
    ...(role === undefined ? [] : [["OU", role] as const]),
    ["CN", commonName],
  ]);
}

export interface Forged {
  readonly holder: Actor;
  readonly subject: Name;
  readonly issuer: Name;
  readonly signer: Actor;
  readonly version?: Uint8Array;
  readonly serial?: Uint8Array;
  readonly notBefore?: Uint8Array;
  readonly notAfter?: Uint8Array;
  /** In place of the ones that a good certificate of its kind has. */
  readonly extensions?: readonly Uint8Array[];
  /** Beside them. */
  readonly more?: readonly Uint8Array[];
  /** Before the extensions, where unique identifiers would stand. */
  readonly unique?: Uint8Array;
  readonly identifiers?: readonly [inside: Uint8Array, outside: Uint8Array];
  readonly signature?: (value: Uint8Array) => Uint8Array;
}

/** Writes certificates of any shape, well signed: what another CA, or a bad one, could hand out. */
export class Forge {
  readonly #consortium: Consortium;

  constructor(consortium: Consortium) {
    this.#consortium = consortium;
  }

  keyId({ signer }: Actor): Uint8Array {
    return keyIdentifier(subjectPublicKey(this.#consortium.suite, signer.publicKey));
  }

  /** The extensions of an authority. */
  authority(holder: Actor, by: Actor, pathLength?: number, usage?: readonly KeyUsage[]) {
    const limit = pathLength === undefined ? [] : [integer(pathLength)];
    return [
      extension(oid.basicConstraints, sequence(TRUE, ...limit), true),
      extension(oid.keyUsage, encodeKeyUsage(usage ?? ["certificateSigning", "crlSigning"]), true),
      extension(oid.subjectKeyId, encodeSubjectKeyId(this.keyId(holder))),
      extension(oid.authorityKeyId, encodeAuthorityKeyId(this.keyId(by))),
    ];
  }

  /** The extensions of a device that signs. */
  device(by: Actor): Uint8Array[] {
    const role = encodeSubjectRole({ role: "device", attributes: new Map() });
    return [
      extension(oid.keyUsage, encodeKeyUsage(["digitalSignature"]), true),
      extension(oid.authorityKeyId, encodeAuthorityKeyId(this.keyId(by))),
      extension(oid.role, role),
    ];
  }

  certificate(forged: Forged): Uint8Array {
    const { suite } = this.#consortium;
    const { identifier } = algorithmOfSuite(suite);
    const [inside, outside] = forged.identifiers ?? [identifier, identifier];
    const list = forged.extensions ?? this.device(forged.signer);
    const signedPart = sequence(
      forged.version ?? der(explicitTag(0), integer(2)),
      forged.serial ?? integer(0x4a5b6c7d8e9fn),
      inside,
      forged.issuer.encoded,
      sequence(
        forged.notBefore ?? utcTime("260101000000Z"),
        forged.notAfter ?? utcTime("301231235959Z"),
      ),
      forged.subject.encoded,
      encodePublicKey(subjectPublicKey(suite, forged.holder.signer.publicKey)),
      forged.unique ?? Buffer.alloc(0),
      der(explicitTag(3), sequence(...list, ...(forged.more ?? []))),
    );
    const value = derFromRaw(forged.signer.signer.sign(signedPart));
    return sequence(signedPart, outside, bits(forged.signature?.(value) ?? value));
  }

  /** A CRL with this content behind the issuer's name and before its extensions. */
  crl(
    by: Actor,
    issuer: Name,
    parts: {
      readonly body: Uint8Array;
      readonly extensions: readonly Uint8Array[];
      readonly version?: Uint8Array;
    },
  ): Uint8Array {
    const { identifier } = algorithmOfSuite(this.#consortium.suite);
    const signedPart = sequence(
      parts.version ?? integer(1),
      identifier,
      issuer.encoded,
      parts.body,
      ...(parts.extensions.length === 0
        ? []
        : [der(explicitTag(0), sequence(...parts.extensions))]),
    );
    return sequence(signedPart, identifier, bits(derFromRaw(by.signer.sign(signedPart))));
  }
}
