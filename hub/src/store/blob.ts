/** The same bytes as the Buffer that database drivers bind; nothing is copied. */
export function blob(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
