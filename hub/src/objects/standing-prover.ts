import { asFault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { checkStandingProof } from "@gridledger/protocol/ledger/standing-proof";
import type { NodeClient } from "../index/contracts/node-client.ts";
import type { BlockQueries, StoredBlock } from "../index/query/block-queries.ts";

/** A bundle without it is worth something: nobody waits long for a validator. */
const TRIES = 4;

interface StandingProverDeps {
  readonly chain: Chain;
  readonly nodes: Pick<NodeClient, "ask">;
  readonly blocks: Pick<BlockQueries, "byHeight">;
}

/** How an identity stands by the state of a block that this hub holds. */
export interface ShownStanding {
  readonly block: StoredBlock;
  /** `protocol/ledger/standing-proof`. */
  readonly encoded: Uint8Array;
}

/** Gets the proof of an identity's standing from validators, and believes none that does not hold. */
export class StandingProver {
  readonly #deps: StandingProverDeps;

  constructor(deps: StandingProverDeps) {
    this.#deps = deps;
  }

  /** By a block that is not before `height`; undefined where no validator answers now. */
  async show(identityId: Uint8Array, height: number): Promise<ShownStanding | undefined> {
    const { chain, nodes, blocks } = this.#deps;
    const { hash } = chain.suite;
    try {
      return await nodes.ask(
        { about: "standing", identityId },
        async (answer) => {
          const [encoded] = answer.items;
          const block = await blocks.byHeight(answer.height);
          if (encoded === undefined || block === undefined || answer.height < height) return;
          const { stateRoot } = block.header;
          return checkStandingProof(hash, stateRoot, identityId, encoded) && { block, encoded };
        },
        TRIES,
      );
    } catch (thrown) {
      const fault = asFault(thrown);
      if (fault.code === "NODE_SILENT") return undefined;
      throw fault;
    }
  }
}
