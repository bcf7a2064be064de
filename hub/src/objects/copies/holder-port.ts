/** How much of an object a holder has. */
export interface HeldState {
  /** Index of the first chunk that it lacks; the number of chunks where it has them all. */
  readonly firstMissing: number;
  /** Its signed word that it has them all, where it gives one. */
  readonly statement: Uint8Array | undefined;
}

/** What belongs to an object and is no chunk. */
export interface CopyOpening {
  readonly transaction: Uint8Array;
  readonly secret: Uint8Array;
}

export interface CopiedChunk {
  readonly bytes: Uint8Array;
  /** Sibling hashes up to the root. */
  readonly path: readonly Uint8Array[];
}

/**
 * A place where copies lie: a node, or a further store of this hub. What it gives out is believed only
 * against the root. All throw COPY_SILENT where nothing is heard, and the holder's own refusals.
 */
export interface HolderPort {
  /** The chunks follow with `put`. @throws Fault COPY_SPACE, OBJECT_UNKNOWN */
  keep(root: Uint8Array, opening: CopyOpening): Promise<HeldState>;
  /** Durable when it has returned. @throws Fault OBJECT_CHUNK, COPY_UNKNOWN */
  put(root: Uint8Array, index: number, chunk: CopiedChunk): Promise<void>;
  /** @throws Fault COPY_UNKNOWN */
  state(root: Uint8Array): Promise<HeldState>;
  /** @throws Fault COPY_UNKNOWN */
  opening(root: Uint8Array): Promise<CopyOpening>;
  /** @throws Fault COPY_UNKNOWN */
  chunk(root: Uint8Array, index: number): Promise<CopiedChunk>;
  /** H(nonce ‖ chunk). @throws Fault COPY_UNKNOWN */
  digest(root: Uint8Array, index: number, nonce: Uint8Array): Promise<Uint8Array>;
  /** @throws Fault COPY_PLACED where the rule wants it there */
  drop(root: Uint8Array): Promise<void>;
}
