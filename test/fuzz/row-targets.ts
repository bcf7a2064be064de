import { decodeAuditAnchor, encodeAuditAnchor } from "@gridledger/protocol/audit/audit-anchor";
import {
  decodeMappingAnchor,
  encodeMappingAnchor,
} from "@gridledger/protocol/ledger/mapping-anchor";
import { canonicalJson } from "@gridledger/protocol/rows/canonical-json";
import { decodeMappedTable, encodeMappedTable } from "@gridledger/protocol/rows/mapped-table";
import {
  decodeRowLeaf,
  decodeValues,
  encodeRowLeaf,
  encodeValues,
} from "@gridledger/protocol/rows/row-leaf";
import type { Target } from "./fuzz.ts";

const hash = new Uint8Array(32).fill(3);
const id = new Uint8Array(10).fill(1);
const columns = [
  { name: "id", type: "integer" as const },
  { name: "note", type: "text" as const },
  { name: "photo", type: "bytes" as const },
];
const rows = (file: string, name: string): string => `protocol/src/rows/${file}#${name}`;

/** Rows of mapped tables, their leaves and anchors, and those of audit logs. */
export const rowTargets: Readonly<Record<string, Target>> = {
  mappingAnchor: {
    covers: ["protocol/src/ledger/mapping-anchor#decodeMappingAnchor"],
    samples: [
      encodeMappingAnchor({
        ...{ mappingId: id, fingerprint: hash, batch: 7, keyRange: hash },
        ...{ root: hash, rows: 4_096, previousHash: hash },
      }),
    ],
    run: (bytes) => encodeMappingAnchor(decodeMappingAnchor(bytes)),
  },
  auditAnchor: {
    covers: ["protocol/src/audit/audit-anchor#decodeAuditAnchor"],
    samples: [
      encodeAuditAnchor({
        ...{ firstLine: 513, tags: new Uint8Array(16).fill(5) },
        ...{ saltHash: hash, head: hash, previousHash: hash },
      }),
    ],
    run: (bytes) => encodeAuditAnchor(decodeAuditAnchor(bytes)),
  },
  mappedTable: {
    covers: [rows("mapped-table", "decodeMappedTable")],
    samples: [
      encodeMappedTable({
        ...{ name: "public.readings", key: columns.slice(0, 1) },
        ...{ columns: columns.slice(1), saltsPerColumn: true },
      }),
    ],
    run: (bytes) => encodeMappedTable(decodeMappedTable(bytes)),
  },
  rowLeaf: {
    covers: [rows("row-leaf", "decodeRowLeaf")],
    samples: [encodeRowLeaf({ kind: "columns", key: id, commitments: [hash, hash] })],
    run: (bytes) => encodeRowLeaf(decodeRowLeaf(bytes)),
  },
  rowValues: {
    covers: [rows("row-leaf", "decodeValues")],
    samples: [encodeValues(columns, ["-12", null, Uint8Array.of(1, 2)])],
    run: (bytes) => encodeValues(columns, decodeValues(columns, bytes)),
  },
  canonicalJson: {
    covers: [],
    samples: [Buffer.from('{"a":[1,25e-1,"x\\u00e9"],"b":{"c":null}}')],
    run(bytes) {
      const text = canonicalJson(Buffer.from(bytes).toString("utf8"));
      if (canonicalJson(text) !== text) throw new Error("another canonical text");
      return undefined;
    },
  },
};
