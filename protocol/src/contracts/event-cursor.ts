import { equalBytes } from "../hex.ts";
import {
  type ContractEvent,
  type ContractEvents,
  comparePlaces,
  type EventPlace,
} from "../messages/contract-events.ts";

interface Taken {
  /** In order, none twice and none left out. */
  readonly events: readonly ContractEvent[];
  /** Where to ask from, because something is missing before what came. */
  readonly missingFrom?: EventPlace;
}

/**
 * How far a subscriber of one contract has come (guide §4.3.4). The network may drop, repeat and
 * reorder messages: what it takes is complete up to `next`, which is all that must survive a restart.
 */
export class EventCursor {
  readonly #address: Uint8Array;
  #next: EventPlace;

  constructor(address: Uint8Array, next: EventPlace = { height: 0, index: 0 }) {
    this.#address = address;
    this.#next = next;
  }

  /** The first place that has not been taken. */
  get next(): EventPlace {
    return this.#next;
  }

  take({ address, from, next, events }: ContractEvents): Taken {
    if (!equalBytes(address, this.#address)) return { events: [] };
    if (comparePlaces(from, this.#next) > 0) return { events: [], missingFrom: this.#next };
    const fresh = events.filter((event) => comparePlaces(event, this.#next) >= 0);
    if (comparePlaces(next, this.#next) > 0) this.#next = next;
    return { events: fresh };
  }
}
