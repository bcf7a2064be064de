import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Signer } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { equalBytes, formatHex } from "../hex.ts";
import { MAX_NAME_BYTES } from "../ledger/enrolment.ts";
import type { Chain } from "../ledger/genesis.ts";
import type { Validator } from "../ledger/validators.ts";
import { MAX_VALIDATORS } from "./in-force.ts";

const VERSION = 1;
const PUBLIC_KEY_BYTES = 33;
const SIGNATURE_BYTES = 64;
const MAX_REASON_BYTES = 512;
const MAX_BREAK_GLASS_BYTES = 65_536;
const MAX_ORGANISATIONS = 256;
/** Before what is signed, so that the signature means nothing elsewhere. */
const CONTEXT = "GL1 break-glass";

/**
 * What organisations order for a chain whose validators have lost their quorum for good:
 * `[version, chainId, height, headHash, [[publicKey, name] …], reason, timeMs]`.
 */
export interface BreakGlassOrder {
  /** 32 bytes: names the channel. */
  readonly chainId: Uint8Array;
  /** Of the last block that the old set sealed. */
  readonly height: number;
  readonly headHash: Uint8Array;
  /** Seal the block after it; in the order of their keys. */
  readonly validators: readonly Validator[];
  readonly reason: string;
  /** Unix time of the order in ms. */
  readonly timeMs: number;
}

interface OrderSignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** An order with the signatures of organisations: `[order, [[publicKey, signature] …]]`. */
export interface BreakGlass {
  readonly order: BreakGlassOrder;
  readonly encodedOrder: Uint8Array;
  readonly signatures: readonly OrderSignature[];
}

export function encodeOrder(order: BreakGlassOrder): Uint8Array {
  const writer = new CborWriter(256).array(7).uint(VERSION).bytes(order.chainId);
  writer.uint(order.height).bytes(order.headHash).array(order.validators.length);
  for (const { publicKey, name } of order.validators) writer.array(2).bytes(publicKey).text(name);
  return writer.text(order.reason).uint(order.timeMs).finish();
}

export function encodeBreakGlass(encodedOrder: Uint8Array, signatures: readonly OrderSignature[]) {
  const writer = new CborWriter(512).array(2).bytes(encodedOrder).array(signatures.length);
  for (const { publicKey, signature } of signatures) {
    writer.array(2).bytes(publicKey).bytes(signature);
  }
  return writer.finish();
}

/** Nothing is verified. @throws Fault CBOR_*, BREAK_GLASS_INVALID */
export function decodeBreakGlass(encoded: Uint8Array): BreakGlass {
  const reader = new CborReader(encoded, MAX_BREAK_GLASS_BYTES);
  reader.tuple("breakGlass", 2);
  const encodedOrder = reader.bytes("order", MAX_BREAK_GLASS_BYTES);
  const signatures: OrderSignature[] = [];
  for (let left = reader.array("signatures", MAX_ORGANISATIONS); left > 0; left--) {
    reader.tuple("signature", 2);
    const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
    signatures.push({ publicKey, signature: reader.fixedBytes("signature", SIGNATURE_BYTES) });
  }
  reader.end();
  return { order: decodeOrder(encodedOrder), encodedOrder, signatures };
}

function decodeOrder(encoded: Uint8Array): BreakGlassOrder {
  const reader = new CborReader(encoded, MAX_BREAK_GLASS_BYTES);
  reader.tuple("order", 7);
  const version = reader.uint("version");
  if (version !== VERSION) throw new Fault("BREAK_GLASS_INVALID", `version ${version}`);
  const chainId = reader.fixedBytes("chainId", 32);
  const height = reader.uint("height");
  const headHash = reader.fixedBytes("headHash", 32);
  const validators: Validator[] = [];
  for (let left = reader.array("validators", MAX_VALIDATORS); left > 0; left--) {
    reader.tuple("validator", 2);
    const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
    validators.push({ publicKey, name: reader.text("name", MAX_NAME_BYTES) });
  }
  const reason = reader.text("reason", MAX_REASON_BYTES);
  const order = { chainId, height, headHash, validators, reason, timeMs: reader.uint("timeMs") };
  reader.end();
  checkOrder(order);
  return order;
}

function checkOrder({ height, validators, reason }: BreakGlassOrder): void {
  if (height === 0) throw new Fault("BREAK_GLASS_INVALID", "a chain without blocks is begun anew");
  if (reason === "") throw new Fault("BREAK_GLASS_INVALID", "it says no reason");
  if (validators.length === 0) throw new Fault("BREAK_GLASS_INVALID", "it names no validator");
  for (const [i, { publicKey }] of validators.entries()) {
    const before = validators[i - 1];
    if (before !== undefined && Buffer.compare(before.publicKey, publicKey) >= 0) {
      throw new Fault("BREAK_GLASS_INVALID", "the keys are not in their order");
    }
  }
}

export function signOrder(signer: Signer, encodedOrder: Uint8Array): OrderSignature {
  return { publicKey: signer.publicKey, signature: signer.sign(preimage(encodedOrder)) };
}

/** The members of the consortium: the organisations of the genesis, whose keys no vote changes. */
export function organisationsOf({ genesis }: Pick<Chain, "genesis">): readonly Validator[] {
  return genesis.identities.filter(({ role }) => role === "organisation");
}

/** How many of them an order needs: two thirds. */
export function signaturesNeeded(chain: Pick<Chain, "genesis">): number {
  return Math.ceil((2 * organisationsOf(chain).length) / 3);
}

/** Names of the organisations whose signatures hold. */
export function signersOf(chain: Chain, { encodedOrder, signatures }: BreakGlass): string[] {
  const signed = preimage(encodedOrder);
  return organisationsOf(chain)
    .filter(({ publicKey }) => {
      const given = signatures.find((one) => equalBytes(one.publicKey, publicKey));
      return given !== undefined && chain.suite.verify(publicKey, signed, given.signature);
    })
    .map(({ name }) => name);
}

/** @throws Fault CHAIN_MISMATCH, BREAK_GLASS_INVALID, BREAK_GLASS_UNSIGNED */
export function verifyBreakGlass(chain: Chain, document: BreakGlass): void {
  const { order } = document;
  if (!equalBytes(order.chainId, chain.chainId)) {
    throw new Fault("CHAIN_MISMATCH", `the order is for chain ${formatHex(order.chainId)}`);
  }
  for (const { publicKey } of order.validators) chain.suite.checkPublicKey(publicKey);
  const total = organisationsOf(chain).length;
  if (total === 0) throw new Fault("BREAK_GLASS_UNSIGNED", "the genesis names no organisation");
  const signers = signersOf(chain, document);
  const needed = signaturesNeeded(chain);
  if (signers.length >= needed) return;
  throw new Fault("BREAK_GLASS_UNSIGNED", `${signers.length} of ${total}, ${needed} are needed`);
}

/** Why the order is not for this head. */
export function checkOrderHead(
  { order }: BreakGlass,
  head: { readonly height: number; readonly hash: Uint8Array },
): Fault | undefined {
  if (order.height < head.height) {
    return new Fault("BREAK_GLASS_LATE", `the head is ${head.height}, the order ${order.height}`);
  }
  if (order.height === head.height && equalBytes(order.headHash, head.hash)) return undefined;
  return new Fault("BREAK_GLASS_HEAD", `the head is ${head.height}, the order ${order.height}`);
}

function preimage(encodedOrder: Uint8Array): Uint8Array {
  return new CborWriter(encodedOrder.length + 32)
    .array(2)
    .text(CONTEXT)
    .bytes(encodedOrder)
    .finish();
}
