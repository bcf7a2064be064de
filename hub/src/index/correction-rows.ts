import { decodeSign1 } from "@gridledger/protocol/cose/sign1";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { blob } from "../store/blob.ts";
import type { SqlValue } from "../store/insert-rows.ts";
import type { ParsedBlock } from "./parse-block.ts";
import { positionOf } from "./position.ts";

export const correctionsTable = {
  table: "corrections",
  columns: [
    ...["meter", "number", "position", "hash", "content_hash", "sequence"],
    ...["sender", "agreed_by", "reason", "words"],
  ],
};

export function correctionRows(
  { hash: digest }: Suite,
  { block, transactions }: ParsedBlock,
): SqlValue[][] {
  return transactions.flatMap(({ correction, hash, sender }, index) => {
    if (correction === undefined) return [];
    const { content, encodedContent, agreement } = correction;
    const { meter, number, sequence, reason, words } = content;
    const agreedBy = agreement && decodeSign1(agreement, agreement.length).keyId;
    return [
      [
        ...[meter, number, positionOf(block.header.height, index), blob(hash)],
        ...[blob(digest(encodedContent)), sequence, blob(sender)],
        ...[agreedBy === undefined ? null : blob(agreedBy), reason, words],
      ],
    ];
  });
}

export const correctedValuesTable = {
  table: "corrected_values",
  columns: [
    ...["meter", "time_ms", "obis", "number", "unit", "scaler"],
    ...["old_status", "old_value", "status", "value"],
  ],
};

export function correctedValueRows({ transactions }: ParsedBlock): SqlValue[][] {
  return transactions.flatMap(({ correction }) => {
    if (correction === undefined) return [];
    const { meter, number, registers } = correction.content;
    return registers.flatMap(({ obis, unit, scaler, values }) =>
      values.map(({ timeMs, old, fresh }) => [
        ...[meter, timeMs, obis, number, unit, scaler],
        ...[old.status, old.value, fresh.status, fresh.value],
      ]),
    );
  });
}
