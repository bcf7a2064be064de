import { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ValidatorSets } from "../../index/governance/validator-sets.ts";
import type { BlockQueries } from "../../index/query/block-queries.ts";
import type { KeyQueries } from "../../index/query/key-queries.ts";
import type { MeterQueries } from "../../index/query/meter-queries.ts";
import { prove } from "../../index/query/prove.ts";
import type { ReadingQueries } from "../../index/query/reading-queries.ts";
import type { TransactionQueries } from "../../index/query/transaction-queries.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: {
    readonly blocks: BlockQueries;
    readonly transactions: TransactionQueries;
    readonly keys: Pick<KeyQueries, "recordsOf">;
    readonly sets: Pick<ValidatorSets, "handoversTo">;
    readonly meters: Pick<MeterQueries, "byName">;
    readonly readings: Pick<ReadingQueries, "holding">;
  };
}

export function readingProof({ chain, index }: Deps): Endpoint<"readingProof"> {
  const { blocks, transactions, keys, meters, readings, sets } = index;
  return async ({ params: { meter, timeMs } }) => {
    const known = await meters.byName(meter);
    if (known === undefined) throw new Fault("NOT_FOUND", `no meter is called ${meter}`);
    const hash = await readings.holding(meter, timeMs, known.maxSpanMs);
    if (hash === undefined) throw new Fault("NOT_FOUND", `${meter} has no reading at ${timeMs}`);
    return prove({ chain, blocks, transactions, keys, sets }, hash, { meter, timeMs });
  };
}
