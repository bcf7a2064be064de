import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction, type Transaction } from "@gridledger/protocol/ledger/transaction";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { BlockQueries } from "../../index/query/block-queries.ts";
import type { TransactionQueries } from "../../index/query/transaction-queries.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Endpoint } from "../endpoint.ts";
import { type FindName, transactionSummary } from "../transaction-view.ts";

interface Deps {
  readonly chain: Pick<Chain, "suite">;
  readonly index: {
    readonly blocks: Pick<BlockQueries, "byHeight">;
    readonly transactions: Pick<TransactionQueries, "byHash">;
  };
  readonly outbox: Pick<Outbox, "find">;
  readonly findIdentity: FindName;
}

type Detail = RouteAnswer<"transaction">;

/** A final transaction, or one that the hub still sends or knows to be refused. */
export function transaction(deps: Deps): Endpoint<"transaction"> {
  return async ({ params, caller }) => {
    const hash = Buffer.from(params.hash, "hex");
    const detail = (await finalDetail(deps, hash)) ?? (await spooledDetail(deps, hash));
    // What is not on the ledger is its sender's own matter.
    if (detail?.height === null) caller.check("submission.read", { owner: detail.sender });
    if (detail === undefined) throw new Fault("NOT_FOUND", "no transaction here has this hash");
    return detail;
  };
}

async function finalDetail(deps: Deps, hash: Uint8Array): Promise<Detail | undefined> {
  const row = await deps.index.transactions.byHash(hash);
  if (row === undefined) return undefined;
  const block = await deps.index.blocks.byHeight(row.height);
  const decoded = decodeTransaction(deps.chain.suite, row.encoded);
  return {
    ...transactionSummary(row, deps.findIdentity),
    ...content(decoded),
    state: "final",
    refusal: null,
    blockTimeMs: block?.header.timeMs ?? null,
  };
}

async function spooledDetail(deps: Deps, hash: Uint8Array): Promise<Detail | undefined> {
  const entry = await deps.outbox.find(hash);
  if (entry === undefined) return undefined;
  const decoded = decodeTransaction(deps.chain.suite, entry.encoded);
  const shown = content(decoded);
  const row = {
    ...{ height: 0, index: 0, hash, kind: decoded.kind, sender: formatHex(decoded.sender) },
    bytes: entry.encoded.length,
    meter: shown.batch?.meter ?? null,
    readings: shown.batch?.timesMs.length ?? null,
  };
  return {
    ...transactionSummary(row, deps.findIdentity),
    ...shown,
    ...{ height: null, index: null, blockTimeMs: null },
    state: entry.refusal === null ? "spooled" : "refused",
    refusal: entry.refusal,
  };
}

function content(decoded: Transaction): Pick<Detail, "validUntilHeight" | "encoded" | "batch"> {
  return {
    validUntilHeight: decoded.validUntilHeight,
    encoded: Buffer.from(decoded.encoded).toString("base64url"),
    batch: decoded.kind === kind.readings ? batchOf(decoded.payload) : null,
  };
}

function batchOf(payload: Uint8Array): Detail["batch"] {
  const { meter, sequence, previousHash, timesMs, registers } = decodeReadingBatch(payload);
  return {
    ...{ meter, sequence, previousHash: formatHex(previousHash) },
    timesMs: [...timesMs],
    registers: registers.map((register) => ({ ...register, values: [...register.values] })),
  };
}
