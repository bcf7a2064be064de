import { formatAddress } from "@gridledger/protocol/contracts/address";
import { decodeReceipt } from "@gridledger/protocol/contracts/receipt";
import { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { logView } from "../../feed/log-view.ts";
import type { ContractIndex } from "../../index/contracts/contract-index.ts";
import type { ValidatorSets } from "../../index/governance/validator-sets.ts";
import type { BlockQueries } from "../../index/query/block-queries.ts";
import type { TransactionQueries } from "../../index/query/transaction-queries.ts";
import { receiptProofView, resultView } from "../contract-view.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: {
    readonly blocks: Pick<BlockQueries, "byHeight">;
    readonly transactions: Pick<TransactionQueries, "byHash">;
    readonly contracts: Pick<ContractIndex, "queries">;
    readonly sets: Pick<ValidatorSets, "handoversTo">;
  };
}

export function receipt({ chain, index }: Deps): Endpoint<"receipt"> {
  return async ({ params }) => {
    const transaction = await index.transactions.byHash(Buffer.from(params.hash, "hex"));
    if (transaction === undefined)
      throw new Fault("NOT_FOUND", "no final transaction is called so");
    const { height, index: at } = transaction;
    const block = await index.blocks.byHeight(height);
    const encoded = await index.contracts.queries.receiptsOf(height);
    const receipts = encoded.map(decodeReceipt);
    const place = receipts.findIndex((each) => each.index === at);
    const found = receipts[place];
    if (found === undefined || block === undefined) {
      throw new Fault("NOT_FOUND", "it has no receipt, or the receipt is not here yet");
    }
    const before = receipts.slice(0, place).reduce((sum, { logs }) => sum + logs.length, 0);
    const context = { chain, handoversTo: (upTo: number) => index.sets.handoversTo(upTo) };
    return {
      ...resultView(found),
      ...{ height, index: at },
      contract: found.contract === null ? null : formatAddress(found.contract),
      logs: found.logs.map((log, i) => logView({ ...log, height, index: before + i, txIndex: at })),
      proof: receiptProofView(context, block, encoded, place),
    };
  };
}
