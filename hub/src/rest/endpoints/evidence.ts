import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeEvidence, offenceOf } from "@gridledger/protocol/messages/evidence";
import type { ChainIndex } from "../../index/chain-index.ts";
import type { Endpoint } from "../endpoint.ts";

/** An offence is recorded once a validator, height and kind: more than these are no news. */
const MAX_ITEMS = 200;

interface Deps {
  readonly chain: Chain;
  readonly index: Pick<ChainIndex, "sets" | "transactions">;
}

export function evidence({ chain, index }: Deps): Endpoint<"evidence"> {
  return async () => {
    const { hash } = chain.suite;
    const stored = await index.transactions.evidence(MAX_ITEMS);
    const items = stored.flatMap((row) => {
      const { payload } = decodeTransaction(chain.suite, row.encoded);
      const evidence = decodeEvidence(payload);
      const { height, validator } = evidence;
      const offence = offenceOf(evidence);
      if (offence === undefined) return [];
      const accused = index.sets.at(height).validators[validator];
      return {
        transaction: formatHex(row.hash),
        recordedAt: row.height,
        validator: {
          id:
            accused === undefined ? "0".repeat(20) : formatHex(identityId(hash, accused.publicKey)),
          name: accused?.name ?? `#${validator}`,
        },
        offence,
        height,
        reporter: row.sender,
        encoded: Buffer.from(payload).toString("base64url"),
      };
    });
    return { items };
  };
}
