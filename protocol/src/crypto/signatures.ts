import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { p256Curve, secp256k1Curve } from "./ec-curves.ts";
import { ed25519KeyFormat } from "./edwards.ts";
import type { KeyFormat } from "./key-format.ts";
import { nativeEcdsa } from "./native/ecdsa.ts";
import { nativeEd25519 } from "./native/ed25519.ts";
import { nativeSm2 } from "./native/sm2.ts";
import { portableEcdsa } from "./portable/ecdsa.ts";
import { portableEd25519 } from "./portable/ed25519.ts";
import { portableSm2 } from "./portable/sm2.ts";
import { Providers } from "./providers.ts";
import { type SignatureVector, testSignatures } from "./self-test.ts";
import {
  type SignatureAlgorithm,
  type SignatureProvider,
  signatureAlgorithm,
} from "./signature.ts";
import { sm2KeyFormat } from "./sm2-curve.ts";

interface Parts {
  readonly format: KeyFormat;
  readonly native: SignatureProvider;
  readonly portable: SignatureProvider;
  readonly vector: SignatureVector;
}

function algorithm(name: string, { format, native, portable, vector }: Parts): SignatureAlgorithm {
  const candidates = [
    { name: "openssl", implementation: native },
    { name: "noble", implementation: portable },
  ];
  const providers = new Providers(name, candidates, (provider) => testSignatures(provider, vector));
  return signatureAlgorithm(name, format, providers);
}

/** ECDSA P-256 with SHA-256. Vector: RFC 6979 §A.2.5, "sample", its s made low. */
export const ecdsaP256: SignatureAlgorithm = algorithm("ecdsa-p256", {
  format: p256Curve.format,
  native: nativeEcdsa(p256Curve),
  portable: portableEcdsa(p256),
  vector: {
    secret: "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    publicKey: "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    message: "73616d706c65",
    signature: `efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
      0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9`,
  },
});

/** ECDSA secp256k1 with SHA-256. Vector: key 1, "Satoshi Nakamoto", as in Bitcoin's RFC 6979 tests. */
export const ecdsaSecp256k1: SignatureAlgorithm = algorithm("ecdsa-secp256k1", {
  format: secp256k1Curve.format,
  native: nativeEcdsa(secp256k1Curve),
  portable: portableEcdsa(secp256k1),
  vector: {
    secret: "0000000000000000000000000000000000000000000000000000000000000001",
    publicKey: "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    message: "5361746f736869204e616b616d6f746f",
    signature: `934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8
      2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5`,
  },
});

/** Vector: RFC 8032 §7.1, test 2. */
export const ed25519: SignatureAlgorithm = algorithm("ed25519", {
  format: ed25519KeyFormat,
  native: nativeEd25519,
  portable: portableEd25519,
  vector: {
    secret: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature: `92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
      085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00`,
  },
});

/** SM2 under the default user ID. Vector: GB/T 32918.5 annex A.2. */
export const sm2: SignatureAlgorithm = algorithm("sm2", {
  format: sm2KeyFormat,
  native: nativeSm2,
  portable: portableSm2,
  vector: {
    secret: "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
    publicKey: "0309f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
    message: "6d65737361676520646967657374",
    signature: `f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3
      b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa`,
  },
});
