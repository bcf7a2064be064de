import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { Meter, type network, sealedBlock } from "../edge-node/support.ts";

interface HistoryPlan {
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  readonly readingsPerTransaction: number;
  readonly meters: number;
}

/** Writes a chain with real signatures and seals into a node's store, without any node. */
export async function writeHistory(
  net: ReturnType<typeof network>,
  file: string,
  plan: HistoryPlan,
): Promise<void> {
  const { chain, devices } = net;
  await mkdir(dirname(file), { recursive: true });
  const store = new ChainStore({ chain }, file);
  const { ledger } = assembleChain(
    {
      chain,
      store,
      now: Date.now,
      clock: () => performance.now(),
      onStoreFault: (fault) => {
        throw fault;
      },
      onDropped: () => {},
    },
    await store.open(),
    undefined,
  );
  const meters = Array.from(
    { length: plan.meters },
    (_, i) => new Meter(chain, devices[0]!, `meter-${i}`),
  );
  let next = 0;
  for (let block = 0; block < plan.blocks; block++) {
    const height = ledger.head.height + 1;
    const transactions = Array.from({ length: plan.transactionsPerBlock }, () => {
      const meter = meters[next++ % meters.length]!;
      return meter.nextOf(plan.readingsPerTransaction, height + 100);
    });
    ledger.import(sealedBlock(net, ledger.head, transactions), "sync");
    await ledger.stored;
  }
  await store.close();
}
