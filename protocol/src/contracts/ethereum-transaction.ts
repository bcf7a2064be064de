import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { ADDRESS_BYTES } from "./address.ts";
import type { RecoverableSignature } from "./ethereum-keys.ts";
import { keccak256 } from "./keccak.ts";
import { RlpReader, rlpList, rlpNumber, shape } from "./rlp.ts";

/** As Ethereum's own nodes: none is larger. */
const MAX_RAW_BYTES = 131_072;
const MAX_ACCESS_LIST = 256;
const LIST_FROM = 0xc0;

/** What a transaction says beforehand that it will touch (EIP-2930). */
export interface AccessEntry {
  readonly address: Uint8Array;
  readonly slots: readonly Uint8Array[];
}

/** A signed transaction of Ethereum: legacy with EIP-155, EIP-2930 or EIP-1559. */
export interface EthereumTransaction {
  /** 0 legacy, 1 with an access list, 2 with two fees. */
  readonly type: number;
  readonly chainId: number;
  readonly nonce: number;
  /** What the sender would pay for gas; nobody pays here. */
  readonly maxFee: bigint;
  readonly maxPriorityFee: bigint;
  readonly gasLimit: number;
  /** Undefined: it creates a contract. */
  readonly to: Uint8Array | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessEntry[];
  readonly signature: RecoverableSignature;
  /** Keccak-256 of what was signed. */
  readonly signingHash: Uint8Array;
  /** Keccak-256 of the bytes: its name among programs of Ethereum. */
  readonly hash: Uint8Array;
}

/** The payload of kind 12: the raw bytes as one byte string. */
export function encodeCarried(raw: Uint8Array): Uint8Array {
  return new CborWriter(raw.length + 8).bytes(raw).finish();
}

/** @throws Fault CBOR_* */
export function decodeCarried(payload: Uint8Array): Uint8Array {
  const reader = new CborReader(payload);
  const raw = reader.bytes("raw transaction", MAX_RAW_BYTES);
  reader.end();
  return raw;
}

/** Reads a raw transaction; whose signature it is, is not looked at. @throws Fault ETHEREUM_SHAPE */
export function decodeEthereumTransaction(raw: Uint8Array): EthereumTransaction {
  const [type = 0] = raw;
  if (raw.length > MAX_RAW_BYTES) throw shape(`${raw.length} bytes`);
  const isLegacy = type >= LIST_FROM;
  if (!isLegacy && type !== 1 && type !== 2) throw shape(`type ${type}`);
  const reader = new RlpReader(isLegacy ? raw : raw.subarray(1));
  const fields = reader.list("transaction");
  reader.end();
  const body = isLegacy ? readLegacy(fields) : readTyped(type, fields);
  fields.end();
  return { ...body, hash: keccak256(raw) };
}

function readLegacy(fields: RlpReader): Omit<EthereumTransaction, "hash"> {
  const nonce = fields.count("nonce");
  const price = fields.amount("gasPrice");
  const common = readCommon(fields);
  const signed = fields.done;
  const v = fields.count("v");
  // EIP-155: without the chain in v the transaction could be of any chain.
  if (v < 35) throw shape("it names no chain (EIP-155)");
  const chainId = Math.floor((v - 35) / 2);
  const ending = [rlpNumber(chainId), rlpNumber(0), rlpNumber(0)];
  return {
    ...{ type: 0, chainId, nonce, maxFee: price, maxPriorityFee: price, ...common },
    accessList: [],
    signature: readSignature(fields, (v - 35) % 2),
    signingHash: keccak256(rlpList(signed, ...ending)),
  };
}

function readTyped(type: number, fields: RlpReader): Omit<EthereumTransaction, "hash"> {
  const chainId = fields.count("chainId");
  const nonce = fields.count("nonce");
  const first = fields.amount("maxPriorityFeePerGas");
  const maxFee = type === 2 ? fields.amount("maxFeePerGas") : first;
  const common = readCommon(fields);
  const accessList = readAccessList(fields.list("accessList"));
  const signed = fields.done;
  return {
    ...{ type, chainId, nonce, maxFee, maxPriorityFee: first, ...common, accessList },
    signature: readSignature(fields, fields.count("yParity")),
    signingHash: keccak256(Buffer.concat([Uint8Array.of(type), rlpList(signed)])),
  };
}

function readCommon(
  fields: RlpReader,
): Pick<EthereumTransaction, "gasLimit" | "to" | "value" | "data"> {
  const gasLimit = fields.count("gasLimit");
  const to = fields.bytes("to");
  if (to.length !== 0 && to.length !== ADDRESS_BYTES) throw shape("to is no address");
  const value = fields.amount("value");
  return { gasLimit, to: to.length === 0 ? undefined : to, value, data: fields.bytes("data") };
}

function readSignature(fields: RlpReader, yParity: number): RecoverableSignature {
  if (yParity !== 0 && yParity !== 1) throw shape(`yParity ${yParity}`);
  return { r: fields.amount("r"), s: fields.amount("s"), yParity };
}

function readAccessList(reader: RlpReader): AccessEntry[] {
  const entries: AccessEntry[] = [];
  let held = 0;
  while (!reader.isAtEnd) {
    const entry = reader.list("access entry");
    const address = entry.fixedBytes("address", ADDRESS_BYTES);
    const list = entry.list("slots");
    entry.end();
    const slots: Uint8Array[] = [];
    while (!list.isAtEnd) slots.push(list.fixedBytes("slot", 32));
    entries.push({ address, slots });
    held += 1 + slots.length;
    if (held > MAX_ACCESS_LIST) throw shape(`more than ${MAX_ACCESS_LIST} in its access list`);
  }
  return entries;
}
