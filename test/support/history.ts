import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { genesisHead, headAfter } from "../../edge-node/src/chain/head.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";
import { executedBlock, Meter, type network } from "../edge-node/support.ts";

/** Blocks that wait for the disk at once. */
const GROUP = 64;

interface HistoryPlan {
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  readonly readingsPerTransaction: number;
  readonly meters: number;
}

/** Writes a chain with real signatures and seals into a new store, without any node. */
export async function writeHistory(
  net: ReturnType<typeof network>,
  file: string,
  plan: HistoryPlan,
): Promise<void> {
  const { chain, devices } = net;
  const device = devices[0]!;
  await mkdir(dirname(file), { recursive: true });
  const store = new ChainStore({ chain }, file);
  const { tree } = await store.open();
  const meters = Array.from(
    { length: plan.meters },
    (_, i) => new Meter(chain, device, `meter-${i}`),
  );
  let head = genesisHead(chain, tree);
  let next = 0;
  const sign = () => {
    const meter = meters[next++ % meters.length]!;
    const encoded = meter.nextOf(plan.readingsPerTransaction, head.height + 101);
    const transaction = new PreparedTransaction(chain, encoded);
    transaction.noteVerified({ suiteId: chain.suite.id, publicKey: device.signer.publicKey });
    return transaction;
  };
  for (let block = 1; block <= plan.blocks; block++) {
    const transactions = Array.from({ length: plan.transactionsPerBlock }, sign);
    const { sealed, execution } = executedBlock(net, head, transactions);
    const { header, encodedHeader, blockHash: hash } = sealed.block;
    const bodies = transactions.map(({ encoded }) => encoded);
    const encoded = encodeBlock(encodedHeader, sealed.seal, bodies);
    const stored = store.append({ header, hash, encoded, execution, handover: undefined });
    head = headAfter(chain, header, hash, execution.tree, head.recentTimesMs);
    if (block % GROUP === 0 || block === plan.blocks) await stored;
  }
  await store.close();
}
