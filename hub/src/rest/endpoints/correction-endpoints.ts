import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { type Correction, decodeCorrection } from "@gridledger/protocol/metering/correction";
import type { CorrectionQueries, StoredCorrection } from "../../index/query/correction-queries.ts";
import type { MeterQueries } from "../../index/query/meter-queries.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import type { FindName } from "../transaction-view.ts";

export interface CorrectionDeps {
  readonly chain: Chain;
  readonly index: {
    readonly meters: Pick<MeterQueries, "byName">;
    readonly corrections: Pick<CorrectionQueries, "page" | "headOf" | "byContent">;
  };
  readonly outbox: Pick<Outbox, "submit">;
  readonly findIdentity: FindName;
}

/** Corrections of readings, guide §4.4.1 a). */
export function correctionEndpoints(deps: CorrectionDeps) {
  return { corrections: corrections(deps), submitCorrection: submitCorrection(deps) };
}

/** The cursor is the number of the last one. */
function corrections({ index, findIdentity }: CorrectionDeps): Endpoint<"corrections"> {
  return async ({ params: { meter }, query: { limit, cursor } }) => {
    if ((await index.meters.byName(meter)) === undefined) {
      throw new Fault("NOT_FOUND", `no meter is called ${meter}`);
    }
    const [below] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const rows = await index.corrections.page({ meter, below, limit: limit + 1 });
    const { items, hasMore } = cut(rows, limit);
    const { number, contentHash } = await index.corrections.headOf(meter);
    return {
      items: items.map((item) => correctionView(item, findIdentity)),
      next: hasMore ? String(items.at(-1)!.number) : null,
      last: { number, contentHash },
    };
  };
}

/**
 * 202: on the hub's disk and on its way · 200: final. The signatures in it are the right to it; whether it
 * fits what stands, the validators say.
 */
function submitCorrection({ chain, index, outbox }: CorrectionDeps): Endpoint<"submitCorrection"> {
  return async ({ body, query, reply }) => {
    const encoded = Buffer.from(body.transaction, "base64url");
    const { content, encodedContent } = readCorrection(chain, encoded);
    const { meter, number } = content;
    const { hash: digest } = chain.suite;
    const known = await index.corrections.byContent(digest, encodedContent, meter, number);
    if (known !== undefined) {
      const { transaction: hash, height } = known;
      return { meter, number, hash, state: "final", height };
    }
    const submitted = await outbox.submit(encoded, query.waitMs);
    reply.status(submitted.state === "final" ? 200 : 202);
    return { meter, number, ...submitted };
  };
}

/** @throws Fault REQUEST_INVALID where it is none, CORRECTION_* where it cannot be one */
function readCorrection(chain: Chain, encoded: Uint8Array): Correction {
  try {
    const { kind: number, payload } = decodeTransaction(chain.suite, encoded);
    if (number === kind.correction) return decodeCorrection(payload);
  } catch (thrown) {
    const cause = asFault(thrown);
    if (cause.code.startsWith("CORRECTION_")) throw cause;
    throw new Fault("REQUEST_INVALID", `transaction: ${cause.message}`, { cause });
  }
  throw new Fault("REQUEST_INVALID", "transaction: no correction");
}

function correctionView({ values, ...record }: StoredCorrection, findIdentity: FindName) {
  const nameOf = (id: string | null) => (id === null ? null : (findIdentity(id)?.name ?? null));
  return {
    ...record,
    senderName: nameOf(record.sender),
    agreedByName: nameOf(record.agreedBy),
    values: values.map(({ fresh, ...value }) => ({ ...value, new: fresh })),
  };
}
