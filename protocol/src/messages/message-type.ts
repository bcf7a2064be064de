/** RFC 8949 §3: a number from 24 to 255 stands in the byte after its head. */
const ONE_BYTE_FOLLOWS = 24;

/**
 * The type of a message `[version, type, …]`, or undefined where the bytes do not begin like one. The
 * message's own decoder checks everything.
 */
export function peekMessageType(bytes: Uint8Array): number | undefined {
  const [head, version, type, long] = bytes;
  if (head === undefined || head >> 5 !== 4 || version !== 1) return undefined;
  if (type === ONE_BYTE_FOLLOWS) return long;
  return type !== undefined && type < ONE_BYTE_FOLLOWS ? type : undefined;
}
