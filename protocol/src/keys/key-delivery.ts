const LABEL = Buffer.from("gridledger key delivery v1");

/** What a key that is handed over is sealed for: one delivery, one key. @param id hex */
export function deliveryContext(id: string, publicKey: Uint8Array): Uint8Array {
  return Buffer.concat([LABEL, Buffer.from(id, "hex"), publicKey]);
}
