import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  type AgreementAlgorithm,
  type AgreementProvider,
  agreementAlgorithm,
} from "./agreement.ts";
import { p256Curve, secp256k1Curve } from "./ec-curves.ts";
import { x25519KeyFormat } from "./edwards.ts";
import { nativeEcdh, nativeX25519 } from "./native/agreement.ts";
import { portableEcdh, portableX25519 } from "./portable/agreement.ts";
import { Providers } from "./providers.ts";
import { bytes, expectBytes, expectRefusal } from "./self-test.ts";

/** A published agreement, as hexadecimal. */
interface AgreementVector {
  readonly secret: string;
  readonly other: string;
  readonly shared: string;
}

function providersOf(
  name: string,
  native: AgreementProvider,
  portable: AgreementProvider,
  vector: AgreementVector,
): Providers<AgreementProvider> {
  const candidates = [
    { name: "openssl", implementation: native },
    { name: "noble", implementation: portable },
  ];
  return new Providers(name, candidates, (provider) => {
    const agreer = provider.agreer(bytes(vector.secret));
    const other = bytes(vector.other);
    expectBytes(agreer.agree(other), bytes(vector.shared), "the agreement");
    expectRefusal(() => agreer.agree(new Uint8Array(other.length)), "a bad key is agreed with");
  });
}

/** Vector: RFC 5903 §8.1. */
export const ecdhP256: AgreementAlgorithm = agreementAlgorithm(
  "ecdh-p256",
  33,
  p256Curve.format,
  providersOf("ecdh-p256", nativeEcdh(p256Curve), portableEcdh(p256), {
    secret: "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
    other: "03d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
    shared: "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
  }),
);

/** Vector: key 2 and the base point; the x coordinate of 2G is widely printed. */
export const ecdhSecp256k1: AgreementAlgorithm = agreementAlgorithm(
  "ecdh-secp256k1",
  33,
  secp256k1Curve.format,
  providersOf("ecdh-secp256k1", nativeEcdh(secp256k1Curve), portableEcdh(secp256k1), {
    secret: "0000000000000000000000000000000000000000000000000000000000000002",
    other: "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    shared: "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
  }),
);

/** Vector: RFC 7748 §6.1. */
export const x25519: AgreementAlgorithm = agreementAlgorithm(
  "x25519",
  32,
  x25519KeyFormat,
  providersOf("x25519", nativeX25519, portableX25519, {
    secret: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
    other: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    shared: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  }),
);
