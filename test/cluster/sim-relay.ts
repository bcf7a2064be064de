import type { ValidatorSet } from "@gridledger/protocol/ledger/validators";
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
} from "@gridledger/protocol/messages/certificate";
import { VoteCollector } from "../../hub/src/relay/vote-collector.ts";
import type { EventHeap } from "./event-heap.ts";
import { fakeSuite } from "./fake-suite.ts";
import type { Prng } from "./prng.ts";
import { chainId } from "./sim-node.ts";

/** The relay's place among the numbers of the nodes. */
export const RELAY = -1;
const PUBLISHER = "relay";

export const relayHabits = [
  "honest",
  "dead",
  "forging",
  "withholding",
  "reordering",
  "duplicating",
  "halving",
  "flooding",
] as const;
export type RelayHabit = (typeof relayHabits)[number];

interface RelayHost {
  readonly heap: EventHeap;
  readonly prng: Prng;
  readonly nodes: readonly { readonly index: number }[];
  /** Gives a certificate to one node, through the weather. */
  deliver(to: number, publisher: string, bytes: Uint8Array): void;
  readonly headHeight: () => number;
  readonly setAt: (height: number) => ValidatorSet;
}

/** The production collector behind a broker, and what a bad one does with its certificates. */
export class SimRelay {
  readonly #host: RelayHost;
  readonly #habit: RelayHabit;
  readonly #collector: VoteCollector;
  /** Certificates of the past, to be told again. */
  readonly #old: Uint8Array[] = [];
  certificates = 0;

  constructor(host: RelayHost, habit: RelayHabit) {
    this.#host = host;
    this.#habit = habit;
    const { headHeight, setAt } = host;
    this.#collector = new VoteCollector({ suite: fakeSuite, chainId, headHeight, setAt });
  }

  get held(): number {
    return this.#collector.size;
  }

  hear(publisher: string, bytes: Uint8Array, isForRelay: boolean): void {
    if (this.#habit === "dead") return;
    let certificate: Uint8Array | undefined;
    try {
      certificate = this.#collector.hear(publisher, bytes, isForRelay);
    } catch {
      return; // a vote that a relay refuses; which and why has tests of its own
    }
    if (certificate === undefined) return;
    this.certificates++;
    this.#publish(certificate);
  }

  #publish(bytes: Uint8Array): void {
    const { prng, nodes } = this.#host;
    const certificate = decodeCertificate(bytes);
    this.#old.push(bytes);
    for (const { index } of nodes) {
      switch (this.#habit) {
        case "withholding":
          if (prng.chance(0.4)) this.#send(index, bytes);
          break;
        case "forging":
          this.#send(index, forged(certificate, prng));
          if (prng.chance(0.5)) this.#send(index, bytes);
          break;
        case "halving":
          this.#send(index, half(certificate, prng));
          break;
        case "reordering":
          this.#host.heap.after(prng.exponential(800), () => this.#send(index, bytes));
          break;
        case "duplicating":
          for (let i = prng.below(5); i >= 0; i--) this.#send(index, bytes);
          if (prng.chance(0.3)) this.#send(index, prng.pick(this.#old));
          break;
        case "flooding":
          for (let i = 0; i < 24; i++) this.#send(index, forged(certificate, prng));
          this.#send(index, bytes);
          break;
        default:
          this.#send(index, bytes);
      }
    }
  }

  #send(to: number, bytes: Uint8Array): void {
    this.#host.deliver(to, PUBLISHER, bytes);
  }
}

/** Another block, another type, other signers, or signatures of nobody. */
function forged(certificate: Certificate, prng: Prng): Uint8Array {
  const { seal } = certificate;
  const signatures = seal.signatures.map(({ signer, signature }) => ({
    signer: prng.chance(0.3) ? signer + 1_000 - signer * 2 : signer,
    signature: prng.chance(0.5) ? prng.bytes(64) : signature,
  }));
  const ascending = signatures
    .sort((a, b) => a.signer - b.signer)
    .filter(({ signer }, i) => signer !== signatures[i - 1]?.signer);
  return encodeCertificate({
    ...certificate,
    type: prng.chance(0.3) ? (certificate.type === 2 ? 3 : 2) : certificate.type,
    blockHash: prng.chance(0.5) ? prng.bytes(32) : certificate.blockHash,
    seal: {
      round: prng.chance(0.3) ? seal.round + prng.below(3) : seal.round,
      signatures: ascending,
    },
  });
}

function half(certificate: Certificate, prng: Prng): Uint8Array {
  const { round, signatures } = certificate.seal;
  const kept = signatures.filter(() => prng.chance(0.5));
  return encodeCertificate({ ...certificate, seal: { round, signatures: kept } });
}
