import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { blockSummary } from "../../feed/block-view.ts";
import type { ValidatorSets } from "../../index/governance/validator-sets.ts";
import type { BlockQueries } from "../../index/query/block-queries.ts";
import type { Endpoint } from "../endpoint.ts";
import { confirmationView, workView } from "../work-view.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: {
    readonly blocks: Pick<BlockQueries, "byHeight">;
    readonly sets: Pick<ValidatorSets, "at">;
  };
}

export function block({ chain, index }: Deps): Endpoint<"block"> {
  return async ({ params: { height }, reply }) => {
    const found = await index.blocks.byHeight(height);
    if (found === undefined) throw new Fault("NOT_FOUND", `there is no block ${height}`);
    const { header, seal, encodedHeader, hash } = found;
    const { validators } = index.sets.at(height);
    reply.immutable(formatHex(hash));
    return {
      ...blockSummary(found, validators),
      parentHash: formatHex(header.parentHash),
      txRoot: formatHex(header.txRoot),
      stateRoot: formatHex(header.stateRoot),
      validatorsHash: formatHex(header.validatorsHash),
      nextValidatorsHash: formatHex(header.nextValidatorsHash),
      header: Buffer.from(encodedHeader).toString("base64url"),
      seal: {
        round: seal.round,
        signatures: seal.signatures.map(({ signer, signature }) => ({
          signer,
          name: validators[signer]?.name ?? "",
          signature: Buffer.from(signature).toString("base64url"),
        })),
        confirmations: (seal.confirmations ?? []).map((confirmation) =>
          confirmationView(chain.suite.hash, confirmation),
        ),
      },
      work: seal.confirmations === undefined ? null : workView(header),
    };
  };
}
