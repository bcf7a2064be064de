import { readFileSync } from "node:fs";

export const captureFolder = new URL("../../firmware-bridge/captures/", import.meta.url);

export function capturePath(path: string): string {
  return new URL(path, captureFolder).pathname;
}

export function telegramCapture(name: string): Buffer {
  return readFileSync(capturePath(`dsmr/telegram_${name}.txt`));
}

interface CapturedFrame {
  readonly hex: string;
  readonly note: string;
  readonly value: string | null;
  readonly checksum_ok: boolean;
  readonly di: string | null;
  readonly payload: string;
}

export const capturedFrames: readonly CapturedFrame[] = JSON.parse(
  readFileSync(capturePath("dlt645/frames.json"), "utf8"),
).frames;

export function frameBytes(frame: { readonly hex: string }): Buffer {
  return Buffer.from(frame.hex.replaceAll(" ", ""), "hex");
}

/** A telegram with the CRC its bytes ask for (DSMR 5.0.2 §6.2), computed apart from the product. */
export function withChecksum(body: string): Buffer {
  let register = 0;
  for (const byte of Buffer.from(body, "latin1")) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      register = register & 1 ? (register >> 1) ^ 0xa001 : register >> 1;
    }
  }
  return Buffer.from(
    `${body}${register.toString(16).toUpperCase().padStart(4, "0")}\r\n`,
    "latin1",
  );
}
