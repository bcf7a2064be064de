import assert from "node:assert/strict";
import { test } from "node:test";
import { hashByName } from "@gridledger/protocol/crypto/algorithms";
import { hkdf, hmacSha256 } from "@gridledger/protocol/crypto/macs";
import { nativeX25519 } from "@gridledger/protocol/crypto/native/agreement";
import { nativeEd25519 } from "@gridledger/protocol/crypto/native/ed25519";
import { nativeHash, nativeHmac } from "@gridledger/protocol/crypto/native/hash";
import { portableX25519 } from "@gridledger/protocol/crypto/portable/agreement";
import { portableEd25519 } from "@gridledger/protocol/crypto/portable/ed25519";
import { portableSm3 } from "@gridledger/protocol/crypto/portable/sm3";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { sha3_256 as nobleSha3 } from "@noble/hashes/sha3.js";
import { hex } from "./vectors.ts";

// Values that the standards print, beyond those that the self-tests hold.

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const filled = (byte: number, length: number) => Buffer.alloc(length, byte);
const counted = (from: number, length: number) =>
  Buffer.from(Array.from({ length }, (_, i) => from + i));

/** Of nothing, of the two-block message of FIPS 180-4's examples, and of a million times "a". */
const digests = {
  sha256: [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  ],
  "sha3-256": [
    "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
    "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376",
    "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1",
  ],
  sm3: [
    "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
    undefined,
    "c8aaf89429554029e231941a2acc0ad61ff2a5acd8fadd25847a3a732b3b02c3",
  ],
} as const;

const portable = { sha256: nobleSha256, "sha3-256": nobleSha3, sm3: portableSm3 } as const;

for (const name of ["sha256", "sha3-256", "sm3"] as const) {
  test(`${name} of nothing, of two blocks and of a million letters, by both providers`, () => {
    const messages = [
      Buffer.alloc(0),
      Buffer.from("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      filled(0x61, 1_000_000),
    ];
    for (const [place, expected] of digests[name].entries()) {
      if (expected === undefined) continue;
      for (const hash of [hashByName(name).hash, nativeHash(name), portable[name]]) {
        assert.equal(text(hash(messages[place]!)), expected);
      }
    }
  });
}

test("RFC 4231: HMAC-SHA-256, six cases; the fifth is a tag cut short, which nothing here makes", () => {
  const long = filled(0xaa, 131);
  for (const [key, message, expected] of [
    [
      filled(0x0b, 20),
      Buffer.from("Hi There"),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      Buffer.from("Jefe"),
      Buffer.from("what do ya want for nothing?"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      filled(0xaa, 20),
      filled(0xdd, 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ],
    [
      counted(1, 25),
      filled(0xcd, 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ],
    [
      long,
      Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
    [
      long,
      Buffer.from(
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      ),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ],
  ] as const) {
    for (const mac of [hmacSha256.mac, nativeHmac("sha256")]) {
      assert.equal(text(mac(key, message)), expected);
    }
  }
});

test("RFC 5869 A.1, A.2 and A.3: HKDF-SHA-256", () => {
  for (const [key, salt, info, length, expected] of [
    [
      filled(0x0b, 22),
      counted(0, 13),
      counted(0xf0, 10),
      42,
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ],
    [
      ...[counted(0, 80), counted(0x60, 80), counted(0xb0, 80), 82],
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ],
    [
      filled(0x0b, 22),
      Buffer.alloc(0),
      Buffer.alloc(0),
      42,
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ],
  ] as [Buffer, Buffer, Buffer, number, string][]) {
    assert.equal(text(hkdf(hmacSha256.mac, key, salt, info, length)), expected);
  }
});

test("RFC 8032 §7.1, tests 1 to 3: keys and signatures of both providers", () => {
  for (const [secret, publicKey, message, signature] of [
    [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
  ] as const) {
    for (const provider of [nativeEd25519, portableEd25519]) {
      const signer = provider.signer(hex(secret));
      assert.equal(text(signer.publicKey), publicKey);
      assert.equal(text(signer.sign(hex(message))), signature);
      assert.ok(provider.verify(signer.publicKey, hex(message), hex(signature)));
    }
  }
});

test("RFC 7748 §5.2: X25519, with the unused bit of a key set, and a thousand times in a row", () => {
  const [scalar, bitSet] = [
    hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
    hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
  ];
  for (const provider of [nativeX25519, portableX25519]) {
    const agree = (secret: Uint8Array, point: Uint8Array) => provider.agreer(secret).agree(point);
    assert.equal(
      text(agree(scalar, hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))),
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    );
    assert.equal(
      text(agree(bitSet, hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))),
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    );
    let [k, u]: Uint8Array[] = [filled(9, 1), filled(9, 1)].map((one) =>
      Buffer.concat([one, Buffer.alloc(31)]),
    );
    const rounds = provider === nativeX25519 ? 1_000 : 1;
    for (let round = 0; round < rounds; round++) [k, u] = [agree(k!, u!), k!];
    assert.equal(
      text(k!),
      rounds === 1
        ? "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
        : "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
    );
  }
});

test("X25519: of keys that are written in a second way (u ≥ p, the unused bit) both providers make the same", () => {
  const agreers = [nativeX25519, portableX25519].map(({ agreer }) => agreer(filled(0x42, 32)));
  let agreed = 0;
  for (let last = 0xed; last <= 0xff; last++) {
    for (const top of [0x7f, 0xff]) {
      const key = Buffer.concat([Buffer.of(last), filled(0xff, 30), Buffer.of(top)]);
      const answers = agreers.map((agreer) => {
        try {
          return text(agreer.agree(key));
        } catch (fault) {
          return (fault as { code?: string }).code;
        }
      });
      assert.equal(answers[0], answers[1], text(key));
      if (answers[0] !== "KEY_INVALID") agreed++;
    }
  }
  assert.equal(agreed, 34); // 0 and 1 are points of low order
});
