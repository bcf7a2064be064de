import { decodeReceipt, type Receipt } from "@gridledger/protocol/contracts/receipt";
import { Fault } from "@gridledger/protocol/faults";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import type { Header } from "@gridledger/protocol/ledger/header";
import { StateView } from "../../state/state-view.ts";
import type { EthereumSource, KeptState } from "./ethereum-source.ts";
import { type BlockTag, fromData } from "./shapes.ts";

/** A contract transaction with its place and its outcome. */
export interface PlacedTransaction {
  readonly index: number;
  /** What programs of Ethereum call it. */
  readonly name: Uint8Array;
  readonly encoded: Uint8Array;
  readonly receipt: Receipt;
}

/** A block as far as contracts are concerned: its other transactions are not shown. */
export interface ContractBlock {
  readonly hash: Uint8Array;
  /** Undefined for the genesis. */
  readonly header: Header | undefined;
  readonly bytes: number;
  readonly transactions: readonly PlacedTransaction[];
}

/** Finds blocks by tag and reads them with what contracts did in them. */
export class BlockReader {
  readonly #source: EthereumSource;

  constructor(source: EthereumSource) {
    this.#source = source;
  }

  /** The height that a tag means, undefined where there is no such block. */
  async heightOf(tag: BlockTag): Promise<number | undefined> {
    const { head, records, chain } = this.#source;
    if (tag === "earliest") return 0;
    if (typeof tag === "string") return head.height;
    if (typeof tag === "object" && "blockHash" in tag) {
      const hash = fromData(tag.blockHash);
      if (Buffer.compare(hash, chain.chainId) === 0) return 0;
      await this.#source.stored();
      return records.heightOf(hash);
    }
    const height = typeof tag === "number" ? tag : tag.blockNumber;
    return height <= head.height ? height : undefined;
  }

  /** @throws Fault NOT_FOUND */
  async knownHeight(tag: BlockTag): Promise<number> {
    const height = await this.heightOf(tag);
    if (height === undefined) throw new Fault("NOT_FOUND", "there is no such block");
    return height;
  }

  /** @throws Fault NOT_FOUND, STATE_GONE */
  async stateOf(tag: BlockTag): Promise<KeptState> {
    const height = await this.knownHeight(tag);
    const state = this.#source.stateAt(height);
    if (state !== undefined) return state;
    throw new Fault("STATE_GONE", `the state of block ${height} is not kept`);
  }

  async viewOf(tag: BlockTag): Promise<StateView> {
    return new StateView((await this.stateOf(tag)).tree);
  }

  /** Undefined where the block is not here any more. */
  async block(height: number): Promise<ContractBlock | undefined> {
    const { chain, records } = this.#source;
    if (height === 0) {
      return {
        hash: chain.chainId,
        header: undefined,
        bytes: chain.encoded.length,
        transactions: [],
      };
    }
    await this.#source.stored();
    const encoded = await this.#source.readBlock(height);
    if (encoded === undefined) return undefined;
    const { header, encodedHeader, transactions: bodies } = decodeBlock(encoded);
    const receipts = ((await records.receiptsAt(height)) ?? []).map(decodeReceipt);
    const names = await records.namesAt(height);
    const transactions = receipts.flatMap((receipt) => {
      const { index } = receipt;
      const [name, body] = [names.get(index), bodies[index]];
      return name && body ? [{ index, name, encoded: body, receipt }] : [];
    });
    const hash = chain.suite.hash(encodedHeader);
    return { hash, header, bytes: encoded.length, transactions };
  }

  /** The block of a transaction, and the transaction in it. */
  async find(name: Uint8Array): Promise<[ContractBlock, PlacedTransaction] | undefined> {
    await this.#source.stored();
    const place = await this.#source.records.find(name);
    const block = place && (await this.block(place.height));
    const found = block?.transactions.find(({ index }) => index === place?.index);
    return block && found && [block, found];
  }
}
