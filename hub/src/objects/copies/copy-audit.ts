import { randomBytes, randomInt } from "node:crypto";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { asFault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { NONCE_BYTES } from "@gridledger/protocol/messages/copy-question";
import { chunkCount } from "@gridledger/protocol/objects/manifest";
import type { ObjectQueries } from "../../index/query/object-queries.ts";
import type { PayloadStore } from "../payload-store.ts";
import type { CopyHolders } from "./copy-holders.ts";
import type { CopyReader } from "./copy-reader.ts";
import type { CopyRecords } from "./copy-records.ts";
import type { CopyRow, CopyTable } from "./copy-table.ts";

interface AuditDeps {
  readonly hash: Hash;
  readonly table: Pick<CopyTable, "leastChecked">;
  readonly records: CopyRecords;
  readonly holders: Pick<CopyHolders, "portOf" | "noteAnswer">;
  readonly reader: Pick<CopyReader, "chunk">;
  readonly payloads: Pick<PayloadStore, "find">;
  readonly objects: Pick<ObjectQueries, "byRoot">;
  /** A copy was found bad. */
  readonly onBad: (root: Uint8Array) => void;
}

/**
 * Challenges copies at random, those first that were checked longest ago: a holder gives H(nonce ‖
 * chunk), which it can only know if it has the bytes. 32 bytes go over the line, not the chunk.
 */
export class CopyAudit {
  readonly #deps: AuditDeps;

  constructor(deps: AuditDeps) {
    this.#deps = deps;
  }

  /** Checks one chunk of each of so many copies. */
  async run(copies: number): Promise<void> {
    for (const row of await this.#deps.table.leastChecked(copies)) await this.#check(row);
  }

  async #check(row: CopyRow): Promise<void> {
    const { holders, onBad, records } = this.#deps;
    const { root, holder } = row;
    const code = await this.#challenge(row);
    if (code !== "OBJECT_PAYLOAD") holders.noteAnswer(holder, code !== "COPY_SILENT");
    const isUndecided = code === "COPY_SILENT" || code === "OBJECT_PAYLOAD";
    if (code === undefined || isUndecided) return records.checked(row);
    await records.is(root, holder, code === "COPY_LYING" ? "lying" : "stale", code);
    onBad(root);
  }

  /** A fault code, or undefined where the copy is good. */
  async #challenge({ root, holder }: CopyRow): Promise<string | undefined> {
    const { hash, holders, objects, payloads, reader } = this.#deps;
    const manifest = (await objects.byRoot(root))?.manifest;
    const port = holders.portOf(holder);
    if (manifest === undefined || port === undefined) return undefined;
    const index = randomInt(chunkCount(manifest));
    const nonce = randomBytes(NONCE_BYTES);
    try {
      const { bytes } = await reader.chunk(manifest, await payloads.find(root), index);
      const digest = await port.digest(root, index, nonce);
      return equalBytes(digest, hash(nonce, bytes)) ? undefined : "COPY_LYING";
    } catch (thrown) {
      return asFault(thrown).code;
    }
  }
}
