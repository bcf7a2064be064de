import type { Prng } from "../cluster/prng.ts";

/** A CBOR item with its children; a byte string that is CBOR itself keeps them as well. */
export interface CborNode {
  major: number;
  /** Of numbers, and of simple values their number. */
  value: number;
  bytes: Uint8Array;
  children: CborNode[];
  /** The children stand inside a byte string. */
  isWrapped: boolean;
}

const NOTHING = new Uint8Array();

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #unwraps: boolean;
  #at = 0;

  constructor(bytes: Uint8Array, unwraps: boolean) {
    this.#bytes = bytes;
    this.#unwraps = unwraps;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  item(depth: number): CborNode {
    const initial = this.#bytes[this.#at++] ?? 0;
    const major = initial >> 5;
    const value = this.#argument(initial & 31);
    const node: CborNode = { major, value, bytes: NOTHING, children: [], isWrapped: false };
    if (depth > 24) throw new Error("too deep");
    if (major === 2 || major === 3) return this.#string(node, value, depth);
    const items = major === 4 ? value : major === 5 ? 2 * value : 0;
    if (items > this.#bytes.length) throw new Error("too many items");
    for (let i = 0; i < items; i++) node.children.push(this.item(depth + 1));
    return node;
  }

  #string(node: CborNode, length: number, depth: number): CborNode {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length !== length) throw new Error("cut short");
    this.#at += length;
    const isBlob = this.#unwraps && node.major === 2 && length > 32;
    const inner = isBlob ? parseCbor(bytes, depth + 1) : undefined;
    node.bytes = bytes;
    if (inner?.major !== 4) return node;
    node.children.push(inner);
    node.isWrapped = true;
    return node;
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new Error("not deterministic");
    const width = 1 << (info - 24);
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + (this.#bytes[this.#at++] ?? 0);
    return value;
  }
}

/** Undefined for what is not one whole CBOR item. `unwraps`: looks into byte strings as well. */
export function parseCbor(bytes: Uint8Array, depth = 0, unwraps = true): CborNode | undefined {
  try {
    const scanner = new Scanner(bytes, unwraps);
    const node = scanner.item(depth);
    return scanner.isAtEnd ? node : undefined;
  } catch {
    return undefined;
  }
}

function head(major: number, value: number): Uint8Array {
  if (value < 24) return Uint8Array.of((major << 5) | value);
  if (value < 0x100) return Uint8Array.of((major << 5) | 24, value);
  const bytes = new DataView(new ArrayBuffer(9));
  if (value < 0x1_0000) {
    bytes.setUint8(0, (major << 5) | 25);
    bytes.setUint16(1, value);
    return new Uint8Array(bytes.buffer, 0, 3);
  }
  if (value < 0x1_0000_0000) {
    bytes.setUint8(0, (major << 5) | 26);
    bytes.setUint32(1, value);
    return new Uint8Array(bytes.buffer, 0, 5);
  }
  bytes.setUint8(0, (major << 5) | 27);
  bytes.setBigUint64(1, BigInt(value));
  return new Uint8Array(bytes.buffer);
}

function writeCbor(node: CborNode): Uint8Array {
  const { major, value, children, isWrapped } = node;
  const parts = children.map(writeCbor);
  if (isWrapped) {
    const content = Buffer.concat(parts);
    return Buffer.concat([head(2, content.length), content]);
  }
  if (major === 2 || major === 3)
    return Buffer.concat([head(major, node.bytes.length), node.bytes]);
  const count = major === 4 ? parts.length : major === 5 ? parts.length >> 1 : value;
  return Buffer.concat([head(major, count), ...parts]);
}

/** The same value written by this file's own writer: an opinion that shares no code with the product. */
export function recode(bytes: Uint8Array): Uint8Array {
  const node = parseCbor(bytes, 0, false);
  return node === undefined ? new Uint8Array() : writeCbor(node);
}

const numbers = [
  0,
  1,
  23,
  24,
  255,
  256,
  65_535,
  65_536,
  0xffff_ffff,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
];

/** One change that keeps every length around it right. */
export function mutateCbor(root: CborNode, prng: Prng): Uint8Array {
  const all = listNodes(root);
  const node = prng.pick(all);
  const { children } = node;
  switch (prng.below(8)) {
    case 0:
      node.major = prng.below(2);
      node.value = prng.pick(numbers);
      node.isWrapped = false;
      node.children = [];
      break;
    case 1:
      Object.assign(node, structuredClone(prng.pick(all)));
      break;
    case 2:
      if (children.length > 0) children.splice(prng.below(children.length), 1);
      break;
    case 3:
      if (children.length > 0) {
        const copies = 1 + prng.below(prng.chance(0.05) ? 300 : 3);
        const copied = prng.pick(children);
        children.push(...Array.from({ length: copies }, () => copied));
      }
      break;
    case 4:
      if (children.length > 1)
        children.push(...children.splice(0, 1 + prng.below(children.length)));
      break;
    case 5:
      node.bytes = prng.bytes(prng.pick([0, 1, 31, 32, 33, 64, 255]));
      node.isWrapped = false;
      node.children = node.major === 2 || node.major === 3 ? [] : children;
      break;
    case 6:
      node.value = Math.max(0, node.value + prng.pick([-1, 1]));
      break;
    default:
      for (let i = prng.below(40); i >= 0; i--) {
        Object.assign(node, { ...blank, children: [{ ...node }] });
      }
  }
  return writeCbor(root);
}

const blank = { major: 4, value: 0, bytes: NOTHING, isWrapped: false };

function listNodes(node: CborNode, into: CborNode[] = []): CborNode[] {
  into.push(node);
  for (const child of node.children) listNodes(child, into);
  return into;
}
