import { connect, type Socket } from "node:net";
import { Fault } from "@gridledger/protocol/faults";
import type { Clock } from "../clock.ts";
import { addressAnswer, dataAnswer, isAnswerTo } from "../frames/dlt645/answers.ts";
import { ANY_ADDRESS, controlFunction, type Dlt645Frame } from "../frames/dlt645/frame.ts";
import { FrameSplitter } from "../frames/dlt645/frame-splitter.ts";
import {
  readAddressRequest,
  readDataRequest,
  readFollowUpRequest,
} from "../frames/dlt645/requests.ts";

/** More follow-up frames than this is a meter gone mad (§7.1.2: the sequence is one byte). */
const MAX_FOLLOW_UPS = 32;

interface Dlt645BusOptions {
  readonly host: string;
  readonly port: number;
  /** DL/T 645-2007 §5.3: a meter answers within 500 ms; networks add theirs. */
  readonly timeoutMs: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Silence between an answer and the next request. */
  readonly gapMs: number;
}

type Take<Answer> = (frame: Dlt645Frame) => Answer | null;

/**
 * One RS-485 bus behind a serial server over TCP: one question at a time. An answer counts when its
 * address, function and identifier are those asked for, so a late one is not taken for the next.
 */
export class Dlt645Bus {
  readonly #clock: Clock;
  readonly #options: Dlt645BusOptions;
  #socket: Socket | undefined;
  #splitter = new FrameSplitter();
  #onFrame: (found: Dlt645Frame | Fault) => void = () => undefined;
  #onLost: (fault: Fault) => void = () => undefined;

  constructor(clock: Clock, options: Dlt645BusOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** @throws Fault METER_UNREACHABLE */
  async open(): Promise<void> {
    const { host, port, timeoutMs } = this.#options;
    const socket = connect({ host, port, noDelay: true });
    const where = `${host}:${port}`;
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: unknown) => {
        socket.destroy();
        reject(new Fault("METER_UNREACHABLE", where, { cause }));
      };
      const cancel = this.#clock.schedule(Math.max(timeoutMs, 2_000), () => fail("timeout"));
      socket.once("connect", () => {
        cancel();
        resolve();
      });
      socket.once("error", (error) => {
        cancel();
        fail(error);
      });
    });
    this.#splitter = new FrameSplitter();
    this.#socket = socket;
    socket.on("data", (chunk) => {
      for (const found of this.#splitter.push(chunk)) this.#onFrame(found);
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#onLost(new Fault("METER_UNREACHABLE", `${where} closed the connection`));
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** The address of the one meter on the bus. @throws Fault METER_SILENT, METER_UNREACHABLE, DLT645_* */
  readAddress(): Promise<string> {
    return this.#ask(ANY_ADDRESS, controlFunction.readAddress, readAddressRequest(), addressAnswer);
  }

  /** All data of the identifier, follow-up frames included. @throws Fault as `readAddress` */
  async readData(address: string, di: number): Promise<Uint8Array> {
    const request = readDataRequest(address, di);
    const first = await this.#ask(address, controlFunction.readData, request, (frame) =>
      dataAnswer(frame, di, 0),
    );
    const parts = [first.bytes];
    let { hasMore } = first;
    for (let sequence = 1; hasMore; sequence++) {
      if (sequence > MAX_FOLLOW_UPS) throw new Fault("DLT645_DATA", "the answer does not end");
      const next = await this.#ask(
        address,
        controlFunction.readFollowUp,
        readFollowUpRequest(address, di, sequence),
        (frame) => dataAnswer(frame, di, sequence),
      );
      parts.push(next.bytes);
      hasMore = next.hasMore;
    }
    return Buffer.concat(parts);
  }

  async #ask<Answer>(
    address: string,
    functionCode: number,
    request: Uint8Array,
    take: Take<Answer>,
  ): Promise<Answer> {
    let last: unknown;
    for (let attempt = 0; attempt <= this.#options.retries; attempt++) {
      if (this.#options.gapMs > 0) await this.#wait(this.#options.gapMs);
      try {
        return await this.#askOnce(address, functionCode, request, take);
      } catch (thrown) {
        last = thrown;
        // What the meter refused it refuses again; a lost line wants connecting first.
        if (!(thrown instanceof Fault) || thrown.code !== "METER_SILENT") throw thrown;
      }
    }
    throw last;
  }

  #askOnce<Answer>(
    address: string,
    functionCode: number,
    request: Uint8Array,
    take: Take<Answer>,
  ): Promise<Answer> {
    const socket = this.#socket;
    if (socket === undefined) throw new Fault("METER_UNREACHABLE", "not connected");
    this.#splitter.reset();
    return new Promise<Answer>((resolve, reject) => {
      let damage: Fault | undefined;
      const cancel = this.#clock.schedule(this.#options.timeoutMs, () => {
        finish();
        reject(new Fault("METER_SILENT", damage?.message ?? `meter ${address}`, { cause: damage }));
      });
      const finish = () => {
        cancel();
        this.#onFrame = () => undefined;
        this.#onLost = () => undefined;
      };
      this.#onLost = (fault) => {
        finish();
        reject(fault);
      };
      this.#onFrame = (found) => {
        try {
          const answer = answerIn(found, address, functionCode, take);
          if (answer === null) return;
          finish();
          resolve(answer);
        } catch (thrown) {
          // A damaged frame may be noise before the answer: wait on, and say so if none comes.
          if (thrown === found && thrown instanceof Fault && thrown.code !== "DLT645_1997") {
            damage = thrown;
            return;
          }
          finish();
          reject(thrown);
        }
      };
      socket.write(request);
    });
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#clock.schedule(delayMs, resolve));
  }
}

/** The answer that the frame holds; null when it answers something else. @throws Fault */
function answerIn<Answer>(
  found: Dlt645Frame | Fault,
  address: string,
  functionCode: number,
  take: Take<Answer>,
): Answer | null {
  if (found instanceof Fault) throw found;
  return isAnswerTo(found, address, functionCode) ? take(found) : null;
}
