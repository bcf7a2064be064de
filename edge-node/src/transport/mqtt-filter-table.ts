import { Fault } from "@gridledger/protocol/faults";

export type MessageHandler = (topic: string, payload: Uint8Array) => void;

/**
 * Handlers by topic filter. Gridledger's filters end in at most two `+` and have no other wildcard
 * (protocol `filters`), so a topic is looked up under three keys and never compared filter by filter.
 */
export class MqttFilterTable {
  readonly #exact = new Map<string, MessageHandler[]>();
  /** By the part before the `+` or the `+/+` at the end. */
  readonly #oneLevel = new Map<string, MessageHandler[]>();
  readonly #twoLevels = new Map<string, MessageHandler[]>();
  readonly #filters = new Set<string>();

  get filters(): readonly string[] {
    return [...this.#filters];
  }

  /** @returns true when the filter is new. @throws Fault CONFIG_INVALID for another kind of wildcard */
  add(filter: string, handler: MessageHandler): boolean {
    const parts = /^([^+#]*?)(\/\+)?(\/\+)?$/.exec(filter);
    if (parts?.[1] === undefined || parts[1] === "") {
      throw new Fault("CONFIG_INVALID", `"${filter}": wildcards are at most two "+" at the end`);
    }
    const [, fixed, first, second] = parts;
    let map = this.#exact;
    if (second !== undefined) map = this.#twoLevels;
    else if (first !== undefined) map = this.#oneLevel;
    const handlers = map.get(fixed);
    if (handlers === undefined) map.set(fixed, [handler]);
    else handlers.push(handler);
    const isNew = !this.#filters.has(filter);
    this.#filters.add(filter);
    return isNew;
  }

  /** Calls every handler whose filter matches. What a handler throws goes to the caller. */
  dispatch(topic: string, payload: Uint8Array): void {
    const last = topic.lastIndexOf("/");
    const beforeLast = last > 0 ? topic.lastIndexOf("/", last - 1) : -1;
    callAll(this.#exact.get(topic), topic, payload);
    if (last > 0) callAll(this.#oneLevel.get(topic.slice(0, last)), topic, payload);
    if (beforeLast > 0) callAll(this.#twoLevels.get(topic.slice(0, beforeLast)), topic, payload);
  }
}

function callAll(
  handlers: readonly MessageHandler[] | undefined,
  topic: string,
  payload: Uint8Array,
): void {
  if (handlers === undefined) return;
  for (const handler of handlers) handler(topic, payload);
}
