import assert from "node:assert/strict";
import { createHash, createPrivateKey, ECDH, sign as nodeSign } from "node:crypto";
import { test } from "node:test";
import { rawFromDer } from "@gridledger/protocol/crypto/der-signature";
import { nativeHash } from "@gridledger/protocol/crypto/native/hash";
import { nativeSm2 } from "@gridledger/protocol/crypto/native/sm2";
import { nativeSm2Encryption } from "@gridledger/protocol/crypto/native/sm2-encryption";
import { nativeSm4Ctr } from "@gridledger/protocol/crypto/native/sm4";
import { portableSm2, sm2SignatureForK } from "@gridledger/protocol/crypto/portable/sm2";
import {
  portableSm2Encryption,
  sm2CiphertextForK,
} from "@gridledger/protocol/crypto/portable/sm2-encryption";
import { Sm2Point } from "@gridledger/protocol/crypto/portable/sm2-point";
import { portableSm3 } from "@gridledger/protocol/crypto/portable/sm3";
import { portableSm4Ctr } from "@gridledger/protocol/crypto/portable/sm4";
import { sm } from "@gridledger/protocol/crypto/sm";
import { sm2IdentityInput, sm2KeyFormat } from "@gridledger/protocol/crypto/sm2-curve";
import { sm4Gcm } from "@gridledger/protocol/crypto/sm4-gcm";
import { compress, hex, readVectors } from "./vectors.ts";

interface Hexes {
  readonly [name: string]: string;
}

interface SmVectors {
  readonly sm2: {
    readonly sign: readonly Hexes[];
    readonly encrypt: readonly Hexes[];
    readonly decryptDer: readonly Hexes[];
  };
  readonly sm3: {
    readonly official: readonly { msgHex: string; md: string }[];
    readonly crossChecked: readonly { msg: string; md: string }[];
  };
  readonly sm4: {
    readonly ecb: readonly Hexes[];
    readonly ctr: readonly Hexes[];
    readonly gcm: readonly Hexes[];
  };
}

const vectors = readVectors<SmVectors>("sm/sm-vectors.json");
const signing = vectors.sm2.sign[0]!;
const publicKey = compress(hex(`04${signing.Px}${signing.Py}`));
const secret = hex(signing.d!);
const message = hex(signing.msgHex!);
const published = hex(signing.r! + signing.s!);
const upper = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex").toUpperCase();

test("GB/T 32918.5 A.2: ZA, e, r and s are the standard's, and both providers verify them", () => {
  const point = hex(`04${signing.Px}${signing.Py}`);
  const za = portableSm3(sm2IdentityInput(point));
  assert.equal(upper(za), signing.ZA);
  const e = portableSm3(za, message);
  assert.equal(upper(e), signing.e);
  const made = sm2SignatureForK(
    BigInt(`0x${signing.d}`),
    BigInt(`0x${signing.e}`),
    BigInt(`0x${signing.k}`),
  );
  assert.equal(upper(made!), signing.r! + signing.s!);
  for (const provider of [nativeSm2, portableSm2]) {
    assert.deepEqual(Buffer.from(provider.signer(secret).publicKey), Buffer.from(publicKey));
    assert.ok(provider.verify(publicKey, message, published));
    assert.ok(!provider.verify(publicKey, Buffer.from("another"), published));
  }
  assert.ok(sm.verify(publicKey, message, published));
});

test("GB/T 32918.5 A.3: the ciphertext C1‖C3‖C2 is the standard's and opens", () => {
  const vector = vectors.sm2.encrypt[0]!;
  const recipient = Sm2Point.fromHex(`04${vector.Px}${vector.Py}`);
  const made = sm2CiphertextForK(recipient, hex(vector.msgHex!), BigInt(`0x${vector.k}`));
  assert.equal(upper(made!), vector.C1C3C2);
  for (const provider of [nativeSm2Encryption, portableSm2Encryption]) {
    const opened = provider.decrypt(hex(vector.d!), hex(vector.C1C3C2!));
    assert.equal(upper(opened), vector.msgHex);
    // The order of the withdrawn draft, C1‖C2‖C3, must not open.
    assert.throws(() => provider.decrypt(hex(vector.d!), hex(vector.C1C2C3!)));
  }
});

test("OpenSSL's own SM2 ciphertext opens once its ASN.1 is taken off", () => {
  const vector = vectors.sm2.decryptDer[0]!;
  // SEQUENCE { x, y INTEGER, C3, C2 OCTET STRING } of fixed widths in this vector, GM/T 0009 §7.2
  const der = vector.derHex!;
  const [x, y, c3, c2] = [
    der.slice(10, 74),
    der.slice(78, 142),
    der.slice(146, 210),
    der.slice(214),
  ];
  const opened = portableSm2Encryption.decrypt(hex(vector.d!), hex(`04${x}${y}${c3}${c2}`));
  assert.equal(Buffer.from(opened).toString(), vector.plaintext);
});

test("GB/T 32905 A.1, A.2 and seven cross-checked lengths: SM3 of both providers, 9 vectors", () => {
  const all = [
    ...vectors.sm3.official.map(({ msgHex, md }) => ({ input: msgHex, md })),
    ...vectors.sm3.crossChecked.map(({ msg, md }) => ({ input: msg, md })),
  ];
  assert.equal(all.length, 9);
  for (const { input, md } of all) {
    assert.equal(upper(nativeHash("sm3")(hex(input))), md);
    assert.equal(upper(portableSm3(hex(input))), md);
    assert.equal(upper(sm.hash(hex(input))), md);
  }
});

for (const [provider, ctr] of [
  ["openssl", nativeSm4Ctr],
  ["sm-crypto", portableSm4Ctr],
] as const) {
  test(`GB/T 32907 A.1, SM4-CTR and RFC 8998 A.1, ${provider}`, () => {
    const block = vectors.sm4.ecb[0]!;
    assert.equal(upper(ctr(hex(block.key!), hex(block.pt!), new Uint8Array(16))), block.ct);
    const stream = vectors.sm4.ctr[0]!;
    assert.equal(upper(ctr(hex(stream.key!), hex(stream.iv!), hex(stream.pt!))), stream.ct);
    const gcm = vectors.sm4.gcm[0]!;
    const [key, nonce, plaintext, aad] = [gcm.key, gcm.iv, gcm.pt, gcm.aad].map((text) =>
      hex(text!),
    );
    const sealed = sm4Gcm(ctr).encrypt(key!, nonce!, plaintext!, aad!);
    assert.equal(upper(sealed), gcm.ct! + gcm.tag!);
  });
}

test("the traps of Node's SM2: an empty or another user ID does not verify", () => {
  const pkcs8 = Buffer.from(sm2KeyFormat.encode(secret));
  const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const withEmptyId = rawFromDer(nodeSign("sm3", message, key));
  const point = ECDH.convertKey(publicKey, "SM2", undefined, undefined, "uncompressed") as Buffer;
  const za = createHash("sm3").update(sm2IdentityInput(point).with(17, 0x39)).digest();
  const e = BigInt(`0x${upper(portableSm3(za, message))}`);
  const withOtherId = sm2SignatureForK(BigInt(`0x${signing.d}`), e, 12_345n)!;
  for (const provider of [nativeSm2, portableSm2]) {
    assert.ok(!provider.verify(publicKey, message, withEmptyId));
    assert.ok(!provider.verify(publicKey, message, withOtherId));
  }
});

test("SM2 signatures out of range are false: r or s zero or n, r + s = n, 63 and 65 bytes", () => {
  const n = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
  const zero = "0".repeat(64);
  const [r, s] = [signing.r!, signing.s!];
  const complement = (BigInt(`0x${n}`) - BigInt(`0x${r}`)).toString(16).padStart(64, "0");
  const bad = [zero + s, r + zero, n + s, r + n, r + complement, `${r}${s}00`, (r + s).slice(2)];
  for (const provider of [nativeSm2, portableSm2]) {
    for (const signature of bad) assert.ok(!provider.verify(publicKey, message, hex(signature)));
  }
});
