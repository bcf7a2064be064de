/** The data identifier DI3 DI2 DI1 DI0 (DL/T 645-2007 §7.1) as one unsigned number. */
export type DataIdentifier = number;

/** Eight hexadecimal digits, DI3 first, as the standard prints it. */
export function formatDi(di: DataIdentifier): string {
  return di.toString(16).toUpperCase().padStart(8, "0");
}

/** Null unless the text is eight hexadecimal digits. */
export function parseDi(text: string): DataIdentifier | null {
  return /^[0-9a-fA-F]{8}$/.test(text) ? Number.parseInt(text, 16) : null;
}

/** On the line DI0 comes first. */
export function encodeDi(di: DataIdentifier): Uint8Array {
  return Uint8Array.of(di & 0xff, (di >>> 8) & 0xff, (di >>> 16) & 0xff, di >>> 24);
}

/** The first four bytes of a data field; null when it is shorter. */
export function decodeDi(data: Uint8Array): DataIdentifier | null {
  if (data.length < 4) return null;
  return data[0]! + data[1]! * 0x100 + data[2]! * 0x1_0000 + data[3]! * 0x100_0000;
}
