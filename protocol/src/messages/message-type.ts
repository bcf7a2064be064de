/**
 * The type of a message `[version, type, …]`, or undefined where the bytes do not begin like one. The
 * message's own decoder checks everything.
 */
export function peekMessageType(bytes: Uint8Array): number | undefined {
  const [head, version, type] = bytes;
  if (head === undefined || head >> 5 !== 4 || version !== 1) return undefined;
  return type !== undefined && type < 24 ? type : undefined;
}
