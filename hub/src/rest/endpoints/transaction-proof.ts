import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ValidatorSets } from "../../index/governance/validator-sets.ts";
import type { BlockQueries } from "../../index/query/block-queries.ts";
import type { KeyQueries } from "../../index/query/key-queries.ts";
import { prove } from "../../index/query/prove.ts";
import type { TransactionQueries } from "../../index/query/transaction-queries.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: {
    readonly blocks: BlockQueries;
    readonly transactions: TransactionQueries;
    readonly keys: Pick<KeyQueries, "recordsOf">;
    readonly sets: Pick<ValidatorSets, "handoversTo">;
  };
}

export function transactionProof({ chain, index }: Deps): Endpoint<"transactionProof"> {
  const { blocks, transactions, keys, sets } = index;
  return ({ params }) =>
    prove({ chain, blocks, transactions, keys, sets }, Buffer.from(params.hash, "hex"));
}
