import { formatHex } from "@gridledger/protocol/hex";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { ValidatorHistory } from "@gridledger/protocol/ledger/handover";
import { verifyReceipt } from "@gridledger/protocol/messages/receipt";
import { filters, topics } from "@gridledger/protocol/topics";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import { Intake } from "./metering/intake.ts";
import type { Readout } from "./metering/readout.ts";
import { ChainHeight } from "./publishing/chain-height.ts";
import { LoneSender } from "./publishing/lone-sender.ts";
import { Publisher, type PublisherOptions } from "./publishing/publisher.ts";
import { noteRefusedKey, signBatch } from "./publishing/signing.ts";
import type { Spool } from "./spool/spool.ts";
import type { Uplink } from "./uplink.ts";

interface BridgeDeps {
  readonly chain: Chain;
  readonly keys: KeyRing;
  readonly spool: Spool;
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

export interface BridgeOptions extends PublisherOptions {
  readonly maxReadings: number;
  readonly maxDelayMs: number;
}

/** From readouts to final batches: what comes in is spooled, batched, signed, sent and proved final. */
export class Bridge {
  readonly #deps: BridgeDeps;
  readonly #intake: Intake;
  readonly #publisher: Publisher;
  readonly #height: ChainHeight;
  readonly #topic: string;
  readonly #lone: LoneSender;
  #isRunning = false;
  #stopping: Promise<void> | undefined;

  constructor(deps: BridgeDeps, options: BridgeOptions) {
    const { chain, keys, spool, uplink, clock, log, random } = deps;
    const { genesis, suite } = chain;
    this.#deps = deps;
    const history = new ValidatorHistory(chain);
    this.#height = new ChainHeight(chain, history);
    this.#topic = topics.transaction(genesis.channel, formatHex(keys.id));
    const send = (message: Uint8Array) => uplink.publish(this.#topic, message);
    this.#lone = new LoneSender({ chain, clock, send });
    this.#publisher = new Publisher(
      {
        store: spool,
        clock,
        log,
        random,
        height: this.#height,
        sign: (batch, chainHeight) => signBatch(chain, keys, batch, chainHeight),
        onKeyRefused: (encoded) => noteRefusedKey(chain, keys, encoded),
        verifyReceipt: (receipt) => verifyReceipt(chain, receipt, history),
        onOther: (txHash) => this.#lone.onFinal(txHash),
        send,
      },
      options,
    );
    this.#intake = new Intake(
      { store: spool, hash: suite.hash, clock, log, onSealed: (b) => this.#publisher.onSealed(b) },
      { ...options, earliestMs: genesis.createdMs },
    );
  }

  /** The height that this device knows of. */
  get chainHeight(): number {
    return this.#height.height;
  }

  get counters() {
    return {
      intake: this.#intake.counters,
      publisher: this.#publisher.counters,
      spool: this.#deps.spool.counters,
      chainHeight: this.#height.height,
    };
  }

  /** Goes on where the spool stopped, then connects. Readouts are taken once it has resolved. */
  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { spool, uplink, chain, keys } = this.#deps;
    const { channel } = chain.genesis;
    const id = formatHex(keys.id);
    this.#height.prove(await spool.lastHeight());
    const heads = await spool.meterHeads();
    this.#intake.resume(heads, await spool.openReadings());
    this.#publisher.resume(await spool.pendingRanges());
    uplink.subscribe(filters.receipts(channel, id), (_, bytes) => this.#publisher.onReceipt(bytes));
    uplink.subscribe(filters.refusals(channel, id), (_, bytes) => {
      this.#publisher.onRefusal(bytes);
      this.#lone.onRefusal(bytes);
    });
    uplink.subscribe(filters.statuses(channel), (topic, bytes) => this.#onStatus(topic, bytes));
    uplink.onState((connected) => this.#publisher.onState(connected));
    uplink.start();
  }

  /** Resolves when the spool is closed; what was acknowledged is on disk. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Sends a transaction that is no batch, until it is final or a while is over. @throws Fault its refusal */
  submit(encoded: Uint8Array): Promise<"final" | "waiting"> {
    return this.#lone.submit(encoded);
  }

  /** Resolves when the readout is durably spooled. @throws Fault READOUT_INVALID, SPOOL_* */
  accept(readout: Readout): Promise<void> {
    return this.#intake.accept(readout);
  }

  async #stop(): Promise<void> {
    this.#intake.stop();
    this.#lone.stop();
    await this.#deps.uplink.stop();
    await this.#publisher.stop();
    await this.#deps.spool.close();
  }

  #onStatus(topic: string, bytes: Uint8Array): void {
    const code = this.#height.onStatus(topic, bytes);
    if (code !== null) this.#deps.log.debug({ topic, code }, "status not taken");
  }
}
