import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { WorkParameters } from "@gridledger/protocol/ledger/work";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import type { SealedBlock } from "../../edge-node/src/chain/ledger.ts";
import type { Action, EngineEvent } from "../../edge-node/src/consensus/ports.ts";
import { workRules } from "../../edge-node/src/consensus/pow/work-rules.ts";
import { unloaded } from "../edge-node/support.ts";
import { EventHeap } from "./event-heap.ts";
import { powChain, SimMeter } from "./pow-chain.ts";
import { type PowNetwork, PowNode, type PowPacket } from "./pow-node.ts";
import { Prng } from "./prng.ts";

export interface PowWorldOptions {
  readonly seed: number;
  readonly nodes?: number;
  readonly work?: Partial<WorkParameters>;
}

const RESEND_MS = 3_000;

/** Miners, links and devices of one run; one seed is one run. */
export class PowWorld implements PowNetwork {
  readonly chain: Chain;
  readonly heap = new EventHeap();
  readonly prng: Prng;
  readonly hashRate = 64;
  readonly nodes: PowNode[];
  readonly meters: SimMeter[];
  /** By their hash in the final chain: what devices have sent and wait for. */
  readonly submitted = new Map<string, Uint8Array>();
  readonly rejected: string[] = [];
  readonly alarms: string[] = [];
  reorgs = 0;
  meanDelayMs = 40;
  loss = 0;
  canPass: (from: number, to: number) => boolean = () => true;
  readonly #tips = new Map<PowNode, string>();

  constructor({ seed, nodes = 4, work = {} }: PowWorldOptions) {
    this.prng = new Prng(seed);
    this.chain = powChain({ validators: nodes, work });
    this.nodes = Array.from({ length: nodes }, (_, i) => new PowNode(this, i));
    this.meters = [0, 1, 2, 3].map((device) => new SimMeter(this.chain, device));
    for (const node of this.nodes) node.start();
    this.#resend();
  }

  run(ms: number): void {
    this.heap.runUntil(this.heap.nowMs + ms);
  }

  /** A device sends its next batch, to one miner, and again until it is final. */
  submit(): void {
    const encoded = this.prng.pick(this.meters).next();
    const key = formatHex(this.chain.suite.hash(Uint8Array.of(0), encoded));
    this.submitted.set(key, encoded);
    this.#pass(encoded);
  }

  send(from: PowNode, to: number | "all", packet: PowPacket): void {
    for (const node of this.nodes) {
      if (to === "all" ? node === from : node.index !== to) continue;
      if (!this.canPass(from.index, node.index) || this.prng.chance(this.loss)) continue;
      const delayMs = 2 + this.prng.exponential(this.meanDelayMs);
      this.heap.after(delayMs, () => node.receive(from.index, packet));
    }
  }

  observe(node: PowNode, what: EngineEvent | Action): void {
    if (what.type === "reject") this.rejected.push(what.code);
    if (what.type === "alarm") this.alarms.push(what.code);
    if (what.type !== "mine") return;
    const { tip } = node.engine.view;
    if (tip === undefined) return;
    const before = this.#tips.get(node);
    const parent = node.parts.branches.find(tip)?.header?.parentHash;
    if (before !== undefined && parent !== undefined) {
      if (before !== formatHex(tip) && before !== formatHex(parent)) this.reorgs++;
    }
    this.#tips.set(node, formatHex(tip));
  }

  /** The final blocks that every node has, and what is wrong with them. */
  violations(): string[] {
    const wrong: string[] = [];
    const [first] = this.nodes;
    for (const node of this.nodes) {
      const seen = new Set<string>();
      for (const [i, { block, transactions }] of node.finals.entries()) {
        const other = first?.finals[i]?.block.blockHash;
        if (other !== undefined && formatHex(other) !== formatHex(block.blockHash)) {
          wrong.push(`node ${node.index} has another block ${i + 1}`);
        }
        for (const { key } of transactions) {
          if (seen.has(key)) wrong.push(`a transaction is final twice on node ${node.index}`);
          seen.add(key);
        }
      }
      const root = this.replay(node.finals);
      if (root !== formatHex(node.parts.ledger.head.tree.root)) {
        wrong.push(`node ${node.index} has another state than its blocks make`);
      }
    }
    return wrong;
  }

  /** Executes the blocks from the genesis on a new node, which checks work and seals again. */
  replay(blocks: readonly SealedBlock[]): string {
    const { chain } = this;
    const deps = {
      chain,
      rulesAfter: () => workRules(chain),
      store: { append: () => Promise.resolve() },
      now: () => Number.MAX_SAFE_INTEGER,
      clock: () => 0,
      onStoreFault: (fault: Error) => {
        throw fault;
      },
      onDropped: () => {},
    };
    const { ledger } = assembleChain(deps, unloaded(chain), undefined);
    for (const sealed of blocks) ledger.import(sealed, "sync");
    return formatHex(ledger.head.tree.root);
  }

  get lost(): number {
    const finals = new Set(
      this.nodes[0]?.finals.flatMap(({ transactions }) =>
        transactions.map(({ hash }) => formatHex(hash)),
      ),
    );
    return [...this.submitted.keys()].filter((key) => !finals.has(key)).length;
  }

  #pass(encoded: Uint8Array): void {
    const up = this.nodes.filter(({ isUp }) => isUp);
    if (up.length === 0) return;
    const entry = this.prng.pick(up);
    entry.offer(encoded);
    this.send(entry, "all", { type: "transactions", bodies: [encoded] });
  }

  #resend(): void {
    this.heap.after(RESEND_MS, () => this.#resend());
    const finals = new Set(
      this.nodes.flatMap(({ finals: blocks }) =>
        blocks.flatMap(({ transactions }) => transactions.map(({ hash }) => formatHex(hash))),
      ),
    );
    for (const [key, encoded] of this.submitted) if (!finals.has(key)) this.#pass(encoded);
  }
}
