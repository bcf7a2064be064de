import { messageType } from "@gridledger/protocol/messages/numbers";
import type { Electorate } from "./electorate.ts";
import type { ConsensusMessage } from "./messages.ts";

interface Waiting {
  readonly publisher: string;
  readonly message: ConsensusMessage;
}

/**
 * Messages of the height after the current one: neighbours decide a moment earlier and go on. One of
 * each type per validator, and proposals only from the two whose turn may come first.
 */
export class NextHeightBuffer {
  #waiting = new Map<string, Waiting>();

  get size(): number {
    return this.#waiting.size;
  }

  add(electorate: Electorate, publisher: string, message: ConsensusMessage): void {
    const index = electorate.indexOf(publisher);
    if (message.type === messageType.certificate) {
      // Whoever the relay is: the last of each type of vote.
      this.#waiting.set(`relay:${message.body.type}`, { publisher, message });
      return;
    }
    if (index < 0 || index === electorate.self) return;
    const isProposal = message.type === messageType.proposal;
    if (isProposal && !electorate.nextProposers.includes(index)) return;
    this.#waiting.set(`${index}:${message.type}`, { publisher, message });
  }

  /** Everything that waited, in the order it came; the buffer is empty after. */
  take(): Waiting[] {
    const waiting = [...this.#waiting.values()];
    this.#waiting = new Map();
    return waiting;
  }
}
