type Encoding = "hex" | "base64url" | "latin1" | "utf8";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const sextets = new Uint8Array(128).fill(255);
for (let i = 0; i < ALPHABET.length; i++) sextets[ALPHABET.charCodeAt(i)] = i;

/** As Node does, what is no digit ends it. */
function fromBase64url(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [at, bits, held] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const sextet = sextets[text.charCodeAt(i)] ?? 255;
    if (sextet === 255) break;
    held = ((held << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
  }
  return bytes.subarray(0, at);
}

function toBase64url(bytes: Uint8Array): string {
  const parts: string[] = [];
  let part = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const three = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    part += ALPHABET[three >> 18]! + ALPHABET[(three >> 12) & 63]!;
    if (left > 1) part += ALPHABET[(three >> 6) & 63]!;
    if (left > 2) part += ALPHABET[three & 63]!;
    if (part.length < 8_192) continue;
    parts.push(part);
    part = "";
  }
  return parts.join("") + part;
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) {
    const byte = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
    if (Number.isNaN(byte)) return bytes.subarray(0, i);
    bytes[i] = byte;
  }
  return bytes;
}

const fromText: Readonly<Record<Encoding, (text: string) => Uint8Array>> = {
  hex: fromHex,
  base64url: fromBase64url,
  latin1: (text) => Uint8Array.from(text, (one) => one.charCodeAt(0)),
  utf8: (text) => new TextEncoder().encode(text),
};

const toText: Readonly<Record<Encoding, (bytes: Uint8Array) => string>> = {
  hex: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
  base64url: toBase64url,
  latin1: (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""),
  utf8: (bytes) => new TextDecoder().decode(bytes),
};

/** What `protocol` uses of Node's Buffer, for a page that has none. The build puts it in its place. */
class PageBuffer extends Uint8Array {
  static override from(
    given: string | ArrayBufferLike | ArrayLike<number> | Iterable<number>,
    by?: unknown,
    length?: number,
  ): PageBuffer {
    if (given instanceof ArrayBuffer) return new PageBuffer(given, by as number, length);
    const bytes = typeof given === "string" ? fromText[(by as Encoding) ?? "utf8"](given) : given;
    return new PageBuffer(bytes as ArrayLike<number>);
  }

  static override of(...bytes: number[]): PageBuffer {
    return new PageBuffer(bytes);
  }

  static alloc(length: number): PageBuffer {
    return new PageBuffer(length);
  }

  static allocUnsafeSlow(length: number): PageBuffer {
    return new PageBuffer(length);
  }

  static concat(parts: readonly Uint8Array[]): PageBuffer {
    const whole = new PageBuffer(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  static compare(a: Uint8Array, b: Uint8Array): number {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
    }
    return Math.sign(a.length - b.length);
  }

  override toString(encoding: Encoding = "utf8", from = 0): string {
    return toText[encoding](from === 0 ? this : this.subarray(from));
  }

  readUInt32BE(at: number): number {
    return this.readUIntBE(at, 4);
  }

  readUIntBE(at: number, count: number): number {
    return this.subarray(at, at + count).reduce((value, byte) => value * 256 + byte, 0);
  }
}

export { PageBuffer as Buffer };
