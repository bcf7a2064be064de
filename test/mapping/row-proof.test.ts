import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RowProof } from "@gridledger/protocol/api/proof-contract";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { encodeMappingAnchor } from "@gridledger/protocol/ledger/mapping-anchor";
import { makeProof } from "@gridledger/protocol/ledger/proof";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { MappedTable } from "@gridledger/protocol/rows/mapped-table";
import { tableFingerprint } from "@gridledger/protocol/rows/mapped-table";
import {
  columnSalt,
  encodeValues,
  leafOfRow,
  rowLeafHash,
} from "@gridledger/protocol/rows/row-leaf";
import { makeRowProof, verifyRowProof } from "@gridledger/protocol/rows/row-proof";
import { RowSalts } from "@gridledger/protocol/rows/row-salts";
import { ChainBuilder } from "../support/chain-builder.ts";

const builder = new ChainBuilder();
const { chain } = builder;
const { hash } = chain.suite;
const mappingId = new Uint8Array(10).fill(4);
const salts = new RowSalts(new Uint8Array(32).fill(8), mappingId);

const table = (saltsPerColumn: boolean): MappedTable => ({
  name: "readings",
  key: [{ name: "id", type: "integer" }],
  columns: [
    { name: "meter", type: "text" },
    { name: "kwh", type: "decimal" },
  ],
  saltsPerColumn,
});

/** The proof of row 3 of five, as a file. */
function proofOf(saltsPerColumn: boolean, shownColumns: readonly number[]): RowProof {
  const mapped = table(saltsPerColumn);
  const leaves = [1, 2, 3, 4, 5].map((id) => {
    const key = encodeValues(mapped.key, [String(id)]);
    const row = { key, columns: mapped.columns, values: [`M${id}`, `${id}`] };
    return leafOfRow(hash, salts.ofRow(1, key), saltsPerColumn, row);
  });
  const tree = new MerkleTree(
    hash,
    leaves.map((leaf) => rowLeafHash(hash, leaf)),
  );
  const payload = encodeMappingAnchor({
    ...{ mappingId, fingerprint: tableFingerprint(hash, mapped), batch: 1 },
    ...{ keyRange: new Uint8Array(32), root: tree.root, rows: 5, previousHash: new Uint8Array(32) },
  });
  const block = builder.add([builder.governance(builder.hub, kind.mappingAnchor, payload)]);
  const place = { index: 0, path: [], transaction: block.transactions[0]! };
  const anchor = makeProof(chain, { ...block, ...place });
  const leaf = leaves[2]!;
  const rowSalt = salts.ofRow(1, leaf.key);
  const shown = shownColumns.map((column) => {
    const columns = saltsPerColumn ? [mapped.columns[column]!] : mapped.columns;
    const values = saltsPerColumn ? [["M3", "3"][column]!] : ["M3", "3"];
    const salt = columnSalt(hash, rowSalt, column);
    return { column, salt, values: encodeValues(columns, values) };
  });
  const parts = { anchor, table: mapped, leaf, index: 2, path: tree.path(2), shown };
  return JSON.parse(JSON.stringify(makeRowProof(parts)));
}

describe("a row proof", () => {
  it("shows the row with nothing but the genesis", () => {
    for (const saltsPerColumn of [true, false]) {
      const proven = verifyRowProof(chain, proofOf(saltsPerColumn, saltsPerColumn ? [0, 1] : [0]));
      assert.deepEqual(proven.key, ["3"]);
      assert.deepEqual([...proven.values], Object.entries({ meter: "M3", kwh: "3" }));
      assert.equal(proven.batch, 1);
      assert.equal(proven.table.name, "readings");
    }
  });

  it("can keep columns hidden where each has its salt", () => {
    const file = proofOf(true, [0]);
    assert.deepEqual([...verifyRowProof(chain, file).values], [["meter", "M3"]]);
    assert.ok(!JSON.stringify(file).includes(Buffer.from([0x61, 0x33]).toString("base64url")));
  });

  it("with any character of the row's part changed is refused", () => {
    const file = proofOf(true, [0, 1]);
    const { anchor, ...own } = file;
    const text = JSON.stringify(own);
    let changed = 0;
    for (let at = text.indexOf('"table"') + 9; at < text.length; at += 3) {
      if (!/[0-9a-zA-Z_-]/.test(text[at]!)) continue;
      const flipped = `${text.slice(0, at)}${text[at] === "1" ? "2" : "1"}${text.slice(at + 1)}`;
      let parsed: object;
      try {
        parsed = JSON.parse(flipped);
      } catch {
        continue;
      }
      assert.throws(
        () => verifyRowProof(chain, { ...parsed, anchor }),
        (fault: { code?: string }) => /^PROOF_(SHAPE|INVALID)$/.test(fault.code ?? ""),
        `character ${at}: ${flipped.slice(Math.max(0, at - 20), at + 5)}`,
      );
      changed++;
    }
    assert.ok(changed > 150);
  });

  it("of a transaction that anchors nothing is refused", () => {
    const batch = builder.batch(builder.devices[0]!, { meter: "M0", timesMs: [1] });
    const block = builder.add([batch]);
    const anchor = makeProof(chain, { ...block, index: 0, path: [], transaction: batch });
    const file = { ...proofOf(true, [0]), anchor };
    assert.throws(() => verifyRowProof(chain, file), { code: "PROOF_INVALID" });
  });
});
