import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Status } from "@gridledger/protocol/messages/status";
import type { Head } from "../chain/head.ts";
import type { ContractRecords } from "../store/contract-records.ts";
import type { NodeView } from "./node-view.ts";

/** The parts of a running node that its RPC looks at. */
export interface ViewParts {
  readonly chain: Chain;
  /** Identity id in hex. */
  readonly id: string;
  /** Unix time in ms. */
  readonly startedMs: number;
  readonly ledger: {
    readonly head: Head;
    readonly stored: Promise<void>;
    onImported(listener: (imported: { readonly head: Head }) => void): void;
  };
  readonly pool: {
    readonly size: number;
    get(key: string): object | undefined;
    waitingOf(owner: string, run: string): number;
  };
  readonly host: { readonly round: number };
  readonly control: { readonly connected: boolean };
  readonly peers: ReadonlyMap<string, Status>;
  readonly store: {
    readonly firstHeight: number;
    readonly contracts: ContractRecords;
    hashAt(height: number): Promise<Uint8Array | undefined>;
    read(fromHeight: number, maxBlocks: number, maxBytes: number): Promise<Uint8Array[]>;
  };
  readonly submit: (encoded: Uint8Array) => void;
  /** Signs for a raw Ethereum transaction and submits it; its key in the pool. */
  readonly carry: (raw: Uint8Array) => string;
}

/** A running node, read at the moment of each question. */
export class RuntimeView implements NodeView {
  readonly name: string;
  readonly #parts: ViewParts;

  constructor(name: string, parts: ViewParts) {
    this.name = name;
    this.#parts = parts;
  }

  get chain(): Chain {
    return this.#parts.chain;
  }
  get id(): string {
    return this.#parts.id;
  }
  get startedMs(): number {
    return this.#parts.startedMs;
  }
  get head(): Head {
    return this.#parts.ledger.head;
  }
  get round(): number {
    return this.#parts.host.round;
  }
  get poolSize(): number {
    return this.#parts.pool.size;
  }
  get isConnected(): boolean {
    return this.#parts.control.connected;
  }
  get peers(): ReadonlyMap<string, Status> {
    return this.#parts.peers;
  }

  async readBlock(height: number): Promise<Uint8Array | undefined> {
    return (await this.#parts.store.read(height, 1, 1))[0];
  }

  submit(encoded: Uint8Array): void {
    this.#parts.submit(encoded);
  }
}
