import { asFault, Fault } from "@gridledger/protocol/faults";
import { encodeBcd } from "../frames/dlt645/bcd.ts";
import { decodeDi, encodeDi } from "../frames/dlt645/data-identifier.ts";
import { ANY_ADDRESS, controlFunction, type Dlt645Frame } from "../frames/dlt645/frame.ts";
import type { LoadProfile } from "./load-profile.ts";

const NO_SUCH_DATA = 0x02;
const NOMINAL_VOLTAGE = 230;

interface SimulatedMeterOptions {
  /** 12 digits. */
  readonly address: string;
  readonly load: LoadProfile | undefined;
  readonly utcOffsetMinutes: number;
  /** Forward energy at the profile's epoch, Wh. */
  readonly startWh: number;
  /** Answers longer than this come in follow-up frames; real meters have up to 200. */
  readonly maxAnswerBytes: number;
}

/** A single-phase meter that answers what a real one would; its load is the profile's. */
export class SimulatedDlt645Meter {
  readonly #options: SimulatedMeterOptions;

  constructor(options: SimulatedMeterOptions) {
    this.#options = options;
  }

  /** The answer, or null when the request is not for this meter. */
  answer(request: Dlt645Frame, timeMs: number): Dlt645Frame | null {
    const { address } = this.#options;
    const isAnyone =
      request.address === ANY_ADDRESS && request.function === controlFunction.readAddress;
    if (request.isFromMeter || (request.address !== address && !isAnyone)) return null;
    try {
      const { data, hasMore } = this.#data(request, timeMs);
      return {
        address,
        function: request.function,
        isFromMeter: true,
        isError: false,
        hasMore,
        data,
      };
    } catch (thrown) {
      if (asFault(thrown).code !== "DLT645_REFUSED") throw thrown;
      const data = Uint8Array.of(NO_SUCH_DATA);
      return { ...request, address, isFromMeter: true, isError: true, hasMore: false, data };
    }
  }

  #data(request: Dlt645Frame, timeMs: number): { data: Uint8Array; hasMore: boolean } {
    if (request.function === controlFunction.readAddress) {
      return { data: Buffer.from(this.#options.address, "hex").reverse(), hasMore: false };
    }
    const di = decodeDi(request.data);
    if (di === null) throw new Fault("DLT645_REFUSED");
    const whole = this.#register(di, timeMs);
    const { maxAnswerBytes } = this.#options;
    const part = request.function === controlFunction.readFollowUp ? (request.data[4] ?? 0) : 0;
    const from = part * maxAnswerBytes;
    const bytes = whole.subarray(from, from + maxAnswerBytes);
    const tail = part === 0 ? [] : [part];
    return {
      data: Uint8Array.of(...encodeDi(di), ...bytes, ...tail),
      hasMore: from + maxAnswerBytes < whole.length,
    };
  }

  #register(di: number, timeMs: number): Uint8Array {
    const { load, startWh, utcOffsetMinutes } = this.#options;
    const powerW = load?.powerW(timeMs) ?? 0;
    const energy10Wh = Math.floor((startWh + (load?.energyWh(timeMs) ?? 0)) / 10);
    const local = new Date(timeMs + utcOffsetMinutes * 60_000);
    const date = [
      local.getUTCDay(),
      local.getUTCDate(),
      local.getUTCMonth() + 1,
      local.getUTCFullYear() % 100,
    ];
    const time = [local.getUTCSeconds(), local.getUTCMinutes(), local.getUTCHours()];
    const power = [encodeBcd(powerW * 10, 3, true), encodeBcd(powerW * 10, 3, true)];
    const currentMa = Math.round((powerW / NOMINAL_VOLTAGE) * 1_000);
    switch (di) {
      case 0x00010000:
        return encodeBcd(energy10Wh, 4);
      case 0x0001ff00: // all of it in tariff 1
        return Buffer.concat([energy10Wh, energy10Wh, 0, 0, 0].map((value) => encodeBcd(value, 4)));
      case 0x0002ff00:
        return new Uint8Array(20);
      case 0x0201ff00:
        return Uint8Array.of(...encodeBcd(NOMINAL_VOLTAGE * 10, 2), 0xff, 0xff, 0xff, 0xff);
      case 0x0202ff00:
        return Uint8Array.of(...encodeBcd(currentMa, 3, true), ...new Uint8Array(6).fill(0xff));
      case 0x0203ff00:
        return Uint8Array.of(...Buffer.concat(power), ...new Uint8Array(6).fill(0xff));
      case 0x02800002:
        return encodeBcd(5_000, 2);
      case 0x04000101:
        return Uint8Array.from(date, (part) => encodeBcd(part, 1)[0] ?? 0);
      case 0x04000102:
        return Uint8Array.from(time, (part) => encodeBcd(part, 1)[0] ?? 0);
      default:
        throw new Fault("DLT645_REFUSED");
    }
  }
}
