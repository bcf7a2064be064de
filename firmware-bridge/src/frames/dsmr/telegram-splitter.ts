import { Fault } from "@gridledger/protocol/faults";

/** Longer than any telegram: DSMR 5.0.2 with a full 1 024-byte text message stays below 5 kB. */
export const MAX_TELEGRAM_BYTES = 16_384;
/** A stream of rubbish may not turn into a flood of faults; the rest is only counted. */
const MAX_FAULTS_PER_CHUNK = 16;

const SLASH = 0x2f;
const BANG = 0x21;
const CR = 0x0d;
const LF = 0x0a;

function isHexDigit(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x46) ||
    (byte >= 0x61 && byte <= 0x66)
  );
}

/**
 * Cuts a P1 byte stream into telegrams (IEC 62056-21 §6.3.12, mode D): from `/` to `!` and the four
 * hexadecimal digits of the CRC, which DSMR 2.2 and 3 do not have. Chunks may end anywhere. Neither
 * `/` nor `!` can stand inside a value (IEC 62056-21 §6.5), so a `/` always starts afresh.
 */
export class TelegramSplitter {
  readonly #bytes = new Uint8Array(MAX_TELEGRAM_BYTES);
  #length = 0;
  #state: "between" | "body" | "checksum" = "between";
  #checksumDigits = 0;
  #found: (Uint8Array | Fault)[] = [];
  #faults = 0;

  /** The telegrams that end in this chunk, and a fault for each that had to be given up. */
  push(chunk: Uint8Array): (Uint8Array | Fault)[] {
    this.#found = [];
    this.#faults = 0;
    for (const byte of chunk) {
      if (byte === SLASH) this.#begin();
      else if (this.#state === "body") this.#inBody(byte);
      else if (this.#state === "checksum") this.#inChecksum(byte);
    }
    return this.#found;
  }

  /** The stream has ended: what has begun cannot be completed any more. */
  end(): (Uint8Array | Fault)[] {
    this.#found = [];
    this.#faults = 0;
    if (this.#state === "checksum" && this.#checksumDigits === 0) this.#complete();
    else if (this.#state !== "between") this.#giveUp("the stream ended inside a telegram");
    return this.#found;
  }

  #begin(): void {
    if (this.#state !== "between") this.#giveUp("a new telegram began before the end of the last");
    this.#state = "body";
    this.#length = 0;
    this.#append(SLASH);
  }

  #inBody(byte: number): void {
    if (!this.#append(byte)) return;
    if (byte === BANG) {
      this.#state = "checksum";
      this.#checksumDigits = 0;
    }
  }

  #inChecksum(byte: number): void {
    if (isHexDigit(byte)) {
      if (this.#append(byte) && ++this.#checksumDigits === 4) this.#complete();
    } else if ((byte === CR || byte === LF) && this.#checksumDigits === 0) {
      this.#complete();
    } else {
      this.#giveUp("the checksum behind ! must be four hexadecimal digits");
    }
  }

  #append(byte: number): boolean {
    if (this.#length === MAX_TELEGRAM_BYTES) {
      this.#state = "between";
      this.#report(new Fault("P1_TOO_LONG", `no end within ${MAX_TELEGRAM_BYTES} bytes`));
      return false;
    }
    this.#bytes[this.#length++] = byte;
    return true;
  }

  #complete(): void {
    this.#state = "between";
    this.#found.push(this.#bytes.slice(0, this.#length));
  }

  #giveUp(detail: string): void {
    this.#state = "between";
    this.#report(new Fault("P1_TELEGRAM", detail));
  }

  #report(fault: Fault): void {
    if (this.#faults++ < MAX_FAULTS_PER_CHUNK) this.#found.push(fault);
  }
}
