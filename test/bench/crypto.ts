import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";
import { testAllProviders } from "@gridledger/protocol/crypto/algorithms";
import { derFromRaw } from "@gridledger/protocol/crypto/der-signature";
import { p256Curve } from "@gridledger/protocol/crypto/ec-curves";
import { international } from "@gridledger/protocol/crypto/international";
import { nativeSm2 } from "@gridledger/protocol/crypto/native/sm2";
import { portableEcdh } from "@gridledger/protocol/crypto/portable/agreement";
import { portableEcdsa } from "@gridledger/protocol/crypto/portable/ecdsa";
import { portableSm2 } from "@gridledger/protocol/crypto/portable/sm2";
import { portableSm2Encryption } from "@gridledger/protocol/crypto/portable/sm2-encryption";
import { sm } from "@gridledger/protocol/crypto/sm";
import { sm2KeyFormat } from "@gridledger/protocol/crypto/sm2-curve";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { p256 } from "@noble/curves/nist.js";
import { type Figure, figure, median } from "./figure.ts";

/** Many short rounds in turn, so that a hot or slowed machine meets both sides alike. */
const ROUNDS = 61;
const ROUND_MS = 20;
const ALONE_MS = 200;
const KEYS = 64;
const message = Buffer.alloc(200, "1-0:1.8.0");
const block = Buffer.alloc(1_048_576);
const context = Buffer.from("bench");

/** Runs a second of this process's CPU time: other work on the machine does not count. */
function rate(work: (i: number) => unknown, roundMs: number): number {
  const start = process.cpuUsage();
  let runs = 0;
  let elapsedMs: number;
  do {
    for (let i = 0; i < 4; i++) work(runs++);
    const { user, system } = process.cpuUsage(start);
    elapsedMs = (user + system) / 1_000;
  } while (elapsedMs < roundMs);
  return (runs * 1_000) / elapsedMs;
}

/** Medians of two works measured in turn, so that both see the same machine; the ratio round by round. */
function compare(name: string, ours: (i: number) => unknown, raw: (i: number) => unknown): Figure {
  const rates = Array.from({ length: ROUNDS }, () => [rate(ours, ROUND_MS), rate(raw, ROUND_MS)]);
  const value = median(rates.map(([own]) => own!));
  const limit = median(rates.map(([, bare]) => bare!));
  const ratio = median(rates.map(([own, bare]) => own! / bare!));
  return { ...figure(name, value, "ops/s", limit), ratio };
}

function measureAlone(name: string, work: (i: number) => unknown): Figure {
  return figure(name, median(Array.from({ length: 3 }, () => rate(work, ALONE_MS))), "ops/s");
}

/** P-256: the suite against bare OpenSSL calls on imported keys. */
function measureP256(): Figure[] {
  const pairs = Array.from({ length: KEYS }, () => {
    const pkcs8 = international.generateKey();
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
    const signer = international.signer(pkcs8);
    return { signer, key, spki: createPublicKey(key), signature: signer.sign(message) };
  });
  const at = (i: number) => pairs[i % KEYS]!;
  const raw = { dsaEncoding: "ieee-p1363" } as const;
  const portable = portableEcdsa(p256);
  const noble = portable.signer(p256Curve.format.generateSecret());
  const nobleSignature = noble.sign(message);
  return [
    compare(
      "crypto.international.sign",
      (i) => at(i).signer.sign(message),
      (i) => sign("sha256", message, { key: at(i).key, ...raw }),
    ),
    compare(
      "crypto.international.verify",
      (i) => international.verify(at(i).signer.publicKey, message, at(i).signature),
      (i) => verify("sha256", message, { key: at(i).spki, ...raw }, at(i).signature),
    ),
    measureAlone("crypto.international.sign.noble", () => noble.sign(message)),
    measureAlone("crypto.international.verify.noble", () =>
      portable.verify(noble.publicKey, message, nobleSignature),
    ),
  ];
}

/** SM2: the suite against bare OpenSSL calls that are given ZA and DER ready-made. */
function measureSm2(): Figure[] {
  const pairs = Array.from({ length: KEYS }, () => {
    const pkcs8 = sm.generateKey();
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
    const signer = sm.signer(pkcs8);
    const signature = signer.sign(message);
    return { signer, key, spki: createPublicKey(key), signature, der: derFromRaw(signature) };
  });
  const at = (i: number) => pairs[i % KEYS]!;
  // ZA is a constant of the key: for speed alone any 32 bytes will do.
  const identity = createHash("sm3").digest();
  const noble = portableSm2.signer(sm2KeyFormat.generateSecret());
  const nobleSignature = nativeSm2.signer(sm2KeyFormat.generateSecret()).sign(message);
  return [
    compare(
      "crypto.sm.sign",
      (i) => at(i).signer.sign(message),
      (i) => createSign("sm3").update(identity).update(message).sign(at(i).key),
    ),
    compare(
      "crypto.sm.verify",
      (i) => sm.verify(at(i).signer.publicKey, message, at(i).signature),
      (i) => createVerify("sm3").update(identity).update(message).verify(at(i).spki, at(i).der),
    ),
    measureAlone("crypto.sm.sign.noble", () => noble.sign(message)),
    measureAlone("crypto.sm.verify.noble", () =>
      portableSm2.verify(noble.publicKey, message, nobleSignature),
    ),
  ];
}

/**
 * Sealing and opening against the bare agreement that they need at least: a new key pair and its secret, and
 * the secret of a key at hand. The rest is derivation, encryption and the check that nothing was changed.
 */
function measureSealing(suite: Suite, curve: "prime256v1" | "SM2"): Figure[] {
  const opener = suite.opener(suite.generateSealingKey());
  const { publicKey } = opener;
  const sealed = suite.seal(publicKey, message, context);
  const own = createECDH(curve);
  own.generateKeys();
  const agreeAnew = () => {
    const ephemeral = createECDH(curve);
    ephemeral.generateKeys();
    return ephemeral.computeSecret(publicKey);
  };
  return [
    compare(`crypto.${suite.name}.seal`, () => suite.seal(publicKey, message, context), agreeAnew),
    compare(
      `crypto.${suite.name}.open`,
      () => opener.open(sealed, context),
      () => own.computeSecret(publicKey),
    ),
  ];
}

/** The portable code where OpenSSL lacks something: SM2 encryption, and the agreement that ECIES rests on. */
function measurePortableSealing(): Figure[] {
  const recipient = nativeSm2.signer(sm2KeyFormat.generateSecret()).publicKey;
  const ecdh = portableEcdh(p256);
  const other = ecdh.agreer(p256Curve.format.generateSecret()).publicKey;
  return [
    measureAlone("crypto.sm.seal.noble", () => portableSm2Encryption.encrypt(recipient, message)),
    measureAlone("crypto.international.agree.noble", () =>
      ecdh.agreer(p256Curve.format.generateSecret()).agree(other),
    ),
  ];
}

/** How many providers of all named algorithms give the values of their standards here. */
function measureSelfTests(): Figure {
  const reports = testAllProviders();
  const passed = reports.filter(({ state }) => state !== "failed");
  return figure("crypto.self_tests", passed.length, "providers", reports.length);
}

function measureBulk(suite: Suite): Figure[] {
  const { cipher } = suite;
  const key = new Uint8Array(cipher.keyBytes);
  const nonce = new Uint8Array(cipher.nonceBytes);
  const encrypt = measureAlone("", () => cipher.encrypt(key, nonce, block, context));
  const hash = measureAlone("", () => suite.hash(block));
  return [
    figure(`crypto.${suite.name}.encrypt`, encrypt.value, "MiB/s"),
    figure(`crypto.${suite.name}.hash`, hash.value, "MiB/s"),
  ];
}

/** What the suites do on this machine, and where bare OpenSSL can do it too, its rate in the same run. */
export async function measureCrypto(): Promise<Figure[]> {
  generateKeyPairSync("ec", { namedCurve: "prime256v1" }); // loads the library
  return [
    ...measureP256(),
    ...measureSm2(),
    ...measureSealing(international, "prime256v1"),
    ...measureSealing(sm, "SM2"),
    ...measurePortableSealing(),
    ...[international, sm].flatMap(measureBulk),
    measureSelfTests(),
  ];
}
