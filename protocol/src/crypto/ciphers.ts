import { type CipherWork, shapedCipher } from "./cipher-shape.ts";
import { nativeAead } from "./native/aead.ts";
import { nativeSm4Ctr } from "./native/sm4.ts";
import { portableAesGcm, portableChaCha20Poly1305 } from "./portable/aead.ts";
import { portableSm4Ctr } from "./portable/sm4.ts";
import { type Provider, Providers } from "./providers.ts";
import { type CipherVector, testCipher } from "./self-test.ts";
import { sm4Gcm } from "./sm4-gcm.ts";
import type { Cipher } from "./suite.ts";

const NONCE_BYTES = 12;

/** A named cipher. */
export interface CipherAlgorithm extends Cipher {
  readonly name: string;
  readonly providers: Providers<Cipher>;
}

function cipherAlgorithm(
  name: string,
  keyBytes: number,
  works: readonly Provider<CipherWork>[],
  vector: CipherVector,
): CipherAlgorithm {
  const candidates = works.map((provider) => ({
    name: provider.name,
    implementation: shapedCipher(keyBytes, NONCE_BYTES, provider.implementation),
  }));
  const providers = new Providers<Cipher>(name, candidates, (cipher) => testCipher(cipher, vector));
  return {
    name,
    providers,
    keyBytes,
    nonceBytes: NONCE_BYTES,
    encrypt: (key, nonce, plaintext, associated) =>
      providers.get().encrypt(key, nonce, plaintext, associated),
    decrypt: (key, nonce, ciphertext, associated) =>
      providers.get().decrypt(key, nonce, ciphertext, associated),
  };
}

function openSslAndNoble(
  name: Parameters<typeof nativeAead>[0],
  portable: CipherWork,
): Provider<CipherWork>[] {
  return [
    { name: "openssl", implementation: nativeAead(name) },
    { name: "noble", implementation: portable },
  ];
}

const GCM_PLAINTEXT = `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c959568
  09532fcf0e2449a6b525b16aedf5aa0de657ba637b39`;
const GCM_ASSOCIATED = "feedfacedeadbeeffeedfacedeadbeefabaddad2";

/** NIST SP 800-38D. Vector: McGrew and Viega, "The Galois/Counter Mode", test case 4. */
export const aes128Gcm: CipherAlgorithm = cipherAlgorithm(
  "aes-128-gcm",
  16,
  openSslAndNoble("aes-128-gcm", portableAesGcm),
  {
    key: "feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    associated: GCM_ASSOCIATED,
    plaintext: GCM_PLAINTEXT,
    ciphertext: `42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c
      7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47`,
  },
);

/** Vector: the same paper, test case 16. */
export const aes256Gcm: CipherAlgorithm = cipherAlgorithm(
  "aes-256-gcm",
  32,
  openSslAndNoble("aes-256-gcm", portableAesGcm),
  {
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    associated: GCM_ASSOCIATED,
    plaintext: GCM_PLAINTEXT,
    ciphertext: `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3d
      a7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b`,
  },
);

/** RFC 8439. Vector: §2.8.2. */
export const chacha20Poly1305: CipherAlgorithm = cipherAlgorithm(
  "chacha20-poly1305",
  32,
  openSslAndNoble("chacha20-poly1305", portableChaCha20Poly1305),
  {
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    associated: "50515253c0c1c2c3c4c5c6c7",
    plaintext: Buffer.from(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ).toString("hex"),
    ciphertext: `d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca96712
      82fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad6
      75945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691`,
  },
);

/** RFC 8998 §2. Vector: its appendix A.1. */
export const sm4GcmCipher: CipherAlgorithm = cipherAlgorithm(
  "sm4-gcm",
  16,
  [
    { name: "openssl", implementation: sm4Gcm(nativeSm4Ctr) },
    { name: "sm-crypto", implementation: sm4Gcm(portableSm4Ctr) },
  ],
  {
    key: "0123456789abcdeffedcba9876543210",
    nonce: "00001234567800000000abcd",
    associated: GCM_ASSOCIATED,
    plaintext: `aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeee
      ffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa`,
    ciphertext: `17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0cc
      fa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec`,
  },
);
