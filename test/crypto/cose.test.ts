import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { CborReader, majorType } from "@gridledger/protocol/cbor/reader";
import { decodeSign1, verifySign1 } from "@gridledger/protocol/cose/sign1";
import { p256Curve } from "@gridledger/protocol/crypto/ec-curves";
import { international } from "@gridledger/protocol/crypto/international";
import { ed25519 } from "@gridledger/protocol/crypto/signatures";
import { Fault } from "@gridledger/protocol/faults";
import { readAny } from "../support/read-any.ts";
import { hex, readVectors } from "./vectors.ts";

const ES256 = -7; // RFC 9053 §2.1
const EDDSA = -8; // RFC 9053 §2.2
const SIGN1_TAG = 0xd2; // 18, RFC 9052 §2

interface Key {
  readonly crv: string;
  readonly x?: string;
  readonly y?: string;
  readonly x_hex?: string;
}

interface Signed {
  readonly key: Key;
  readonly external?: string;
}

interface Example {
  readonly title: string;
  readonly input: {
    readonly sign0?: Signed;
    readonly sign?: { readonly signers: readonly Signed[] };
  };
  readonly intermediates: {
    readonly ToBeSign_hex?: string;
    readonly signers?: readonly { readonly ToBeSign_hex: string }[];
  };
  readonly output: { readonly cbor: string };
}

const examples = ["sign1-tests", "ecdsa-examples", "eddsa-examples"].flatMap((folder) =>
  readdirSync(new URL(`../vectors/cose/${folder}`, import.meta.url))
    .sort()
    .map((file) => ({ file, ...readVectors<Example>(`cose/${folder}/${file}`) })),
);

const base64 = (text: string | undefined) => Buffer.from(text ?? "", "base64url");

function p256Key({ x, y }: Key): Uint8Array {
  return Buffer.concat([Buffer.of(2 | (base64(y).at(-1)! & 1)), base64(x)]);
}

/** Of s and n − s the lower one, which is the only one that is taken here. */
function lowS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  if (s <= p256Curve.order / 2n) return signature;
  const low = (p256Curve.order - s).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), hex(low)]);
}

type Item = ReturnType<typeof readAny>;

/** The four items of a COSE_Sign1, tagged or not; undefined where it is none. */
function partsOf(encoded: Buffer): readonly Item[] | undefined {
  const isTagged = encoded[0]! >> 5 === majorType.tag;
  if (isTagged && encoded[0] !== SIGN1_TAG) return undefined;
  const items = readAny(new CborReader(isTagged ? encoded.subarray(1) : encoded));
  return Array.isArray(items) && items.length === 4 ? items : undefined;
}

/** The algorithm that the protected header names, or else the unprotected one (sign-pass-01). */
function algorithmOf(protectedHeader: Uint8Array, unprotected: Item): Item | undefined {
  const header =
    protectedHeader.length === 0 ? new Map() : readAny(new CborReader(protectedHeader));
  for (const map of [header, unprotected]) if (map instanceof Map && map.has(1)) return map.get(1);
  return undefined;
}

/** Whether an example verifies by our signed structure and our suite; undefined for other algorithms. */
function judge(signed: Signed, encoded: Buffer): boolean | undefined {
  const parts = partsOf(encoded);
  if (parts === undefined) return false;
  const [head, unprotected, payload, signature] = parts as [Buffer, Item, Buffer, Buffer];
  // RFC 9052 §3: an empty map and no bytes are the same protected header, and are signed as no bytes.
  const protectedHeader = head.length === 1 && head[0] === 0xa0 ? Buffer.alloc(0) : head;
  const named = algorithmOf(protectedHeader, unprotected);
  const coseAlgorithm = typeof named === "number" ? named : Number.NaN;
  if (signed.key.crv === "Ed25519" && coseAlgorithm === EDDSA) {
    const suite = { ...international, coseAlgorithm: EDDSA, verify: ed25519.verify };
    const keyId = Buffer.alloc(0);
    const message = { encoded, protectedHeader, coseAlgorithm, keyId, payload, signature };
    return verifySign1(suite, hex(signed.key.x_hex!), Buffer.alloc(0), message);
  }
  if (signed.key.crv !== "P-256" || ![ES256, -999].includes(coseAlgorithm)) {
    return Number.isNaN(coseAlgorithm) ? false : undefined;
  }
  const message = {
    ...{ encoded, protectedHeader, coseAlgorithm, payload },
    ...{ keyId: Buffer.alloc(0), signature: lowS(signature) },
  };
  return verifySign1(international, p256Key(signed.key), hex(signed.external ?? ""), message);
}

test("COSE working group examples: 11 of 15 COSE_Sign1 judged rightly, 4 are of other algorithms", () => {
  const counts = { valid: 0, invalid: 0, otherAlgorithm: 0 };
  for (const { file, input, output } of examples) {
    if (input.sign0 === undefined) continue;
    const verdict = judge(input.sign0, hex(output.cbor));
    if (verdict !== undefined) assert.equal(verdict, !file.includes("fail"), file);
    counts[verdict === undefined ? "otherAlgorithm" : verdict ? "valid" : "invalid"]++;
  }
  assert.deepEqual(counts, { valid: 5, invalid: 6, otherAlgorithm: 4 });
});

test("COSE working group examples: none has the one form of the ledger, and each is refused with a code", () => {
  for (const { file, output } of examples) {
    assert.throws(
      () => decodeSign1(hex(output.cbor), 65_536),
      (thrown) => thrown instanceof Fault && thrown.code.startsWith("CBOR_"),
      file,
    );
  }
  assert.equal(examples.length, 21);
});
