import type { CopyPolicy } from "@gridledger/protocol/copies/copy-policy";
import { holderName, mayHold, placementOrder } from "@gridledger/protocol/copies/placement";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { Clock } from "../../clock.ts";
import type { HolderQueries, KnownHolder } from "../../index/query/holder-queries.ts";
import type { HolderPort } from "./holder-port.ts";

/** A holder that says it is full is left alone for so long. */
const FULL_MS = 600_000;

/** A holder that this hub can talk to. */
export interface ReachedHolder extends KnownHolder {
  /** As lists have it. */
  readonly called: string;
  readonly port: HolderPort;
}

interface HoldersDeps {
  readonly hash: Hash;
  readonly queries: Pick<HolderQueries, "all" | "policy">;
  /** Of this hub, by name. */
  readonly stores: ReadonlyMap<string, HolderPort>;
  readonly nodeOf: (id: string) => HolderPort;
  /** When a node was last heard, Unix time in ms; undefined where it never was. */
  readonly heardMs: (id: string) => number | undefined;
  readonly clock: Clock;
}

interface HoldersOptions {
  /** The hub's identity id. */
  readonly self: string;
  /** A holder that is silent for longer is lost: its copies are placed elsewhere. */
  readonly lostAfterMs: number;
}

/** Who keeps copies, who of them is there, and in which order an object belongs to them. */
export class CopyHolders {
  readonly #deps: HoldersDeps;
  readonly #options: HoldersOptions;
  readonly #ports = new Map<string, HolderPort>();
  readonly #fullUntilMs = new Map<string, number>();
  /** Stores: since when they answer nothing. */
  readonly #silentMs = new Map<string, number>();
  readonly #startedMs: number;

  constructor(deps: HoldersDeps, options: HoldersOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#startedMs = deps.clock.now();
  }

  /** All that this hub can talk to. */
  async all(): Promise<ReachedHolder[]> {
    const { queries } = this.#deps;
    return (await queries.all()).flatMap((holder) => {
      const port = this.#portOf(holder);
      return port === undefined ? [] : [{ ...holder, called: holderName(holder), port }];
    });
  }

  /** Copies that the channel wants, by class. */
  policy(): Promise<CopyPolicy> {
    return this.#deps.queries.policy();
  }

  /** In the order in which they are to have it. */
  async orderOf(manifest: ObjectManifest): Promise<ReachedHolder[]> {
    const { hash } = this.#deps;
    const able = (await this.all()).filter((holder) => mayHold(manifest.classification, holder));
    return placementOrder(hash, manifest.root, able);
  }

  /** Also one that was voted out since, so that it can be asked to let go. */
  portOf(called: string): HolderPort | undefined {
    const [id = "", store] = called.split("/");
    if (store !== undefined)
      return id === this.#options.self ? this.#deps.stores.get(store) : undefined;
    return this.#nodeOf(id);
  }

  isLost({ called, isStore, id }: Pick<ReachedHolder, "called" | "isStore" | "id">): boolean {
    const now = this.#deps.clock.now();
    if ((this.#fullUntilMs.get(called) ?? 0) > now) return true;
    const heard = isStore ? this.#silentMs.get(called) : this.#deps.heardMs(formatHex(id));
    const since = heard ?? (isStore ? now : this.#startedMs);
    return now - Math.max(since, this.#startedMs) > this.#options.lostAfterMs;
  }

  noteFull(called: string): void {
    this.#fullUntilMs.set(called, this.#deps.clock.now() + FULL_MS);
  }

  noteAnswer(called: string, isThere: boolean): void {
    if (isThere) this.#silentMs.delete(called);
    else if (!this.#silentMs.has(called)) this.#silentMs.set(called, this.#deps.clock.now());
  }

  #portOf({ id, name, isStore }: KnownHolder): HolderPort | undefined {
    const hex = formatHex(id);
    if (!isStore) return this.#nodeOf(hex);
    return hex === this.#options.self ? this.#deps.stores.get(name) : undefined;
  }

  #nodeOf(id: string): HolderPort {
    const known = this.#ports.get(id) ?? this.#deps.nodeOf(id);
    this.#ports.set(id, known);
    return known;
  }
}
