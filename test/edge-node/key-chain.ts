import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { encodeApproval } from "@gridledger/protocol/governance/approval";
import { encodeProposal } from "@gridledger/protocol/governance/proposal";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { encodeKeyRotation, proveRotation } from "@gridledger/protocol/ledger/key-rotation";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { type Meter, type network, type Person, sign, suite } from "./support.ts";

/** A key that came later, in whichever suite. */
export interface LaterKey {
  readonly suite: Suite;
  readonly signer: ReturnType<Suite["signer"]>;
}

export function laterKey(of: Suite = suite): LaterKey {
  return { suite: of, signer: of.signer(of.generateKey()) };
}

interface Terms {
  readonly by?: LaterKey;
  readonly epoch?: number;
  readonly fromHeight: number;
  readonly suiteId?: number;
  readonly identityId?: Uint8Array;
  readonly proofChain?: Uint8Array;
}

let nonce = 0;

/** State alone, block after block, for the rules of keys. */
export class KeyChain {
  readonly #net: ReturnType<typeof network>;
  #recent = new Set<string>();
  tree: StateTree;
  height = 0;

  constructor(net: ReturnType<typeof network>) {
    this.#net = net;
    this.tree = genesisState(net.chain);
  }

  get view(): StateView {
    return new StateView(this.tree);
  }

  /** Takes the block, or says why not and stays where it was. */
  block(...encoded: readonly Uint8Array[]): Fault | undefined {
    const { chain } = this.#net;
    const transactions = encoded.map((bytes) => new PreparedTransaction(chain, bytes));
    const at = {
      height: this.height + 1,
      timeMs: Date.UTC(2030, 0, 1) + this.height,
      parentHash: new Uint8Array(32),
    };
    const outcome = executeBlock({ chain, recent: this.#recent }, this.tree, at, transactions);
    if (outcome instanceof Fault) return outcome;
    for (const { key, operation } of transactions) {
      if (operation.place === undefined) this.#recent.add(key);
    }
    this.tree = outcome.tree;
    this.height++;
    return undefined;
  }

  /** Empty blocks until this height is the head's. */
  upTo(height: number): void {
    while (this.height < height) this.block();
  }

  rotation(who: Person, to: LaterKey, terms: Terms): Uint8Array {
    const { chain } = this.#net;
    const { by, epoch = 2, suiteId = to.suite.id, identityId = who.id, fromHeight } = terms;
    const page = { module: "gateway", scheme: `${to.suite.name}-sign`, epoch };
    const rotation = proveRotation(terms.proofChain ?? chain.chainId, to.signer, {
      ...{ ...page, identityId, suiteId, fromHeight },
    });
    return this.signed(who, by, kind.keyRotation, encodeKeyRotation(rotation));
  }

  signed(who: Person, by: LaterKey | undefined, number: number, payload: Uint8Array): Uint8Array {
    const { chain } = this.#net;
    const { suite: with_, signer } = by ?? { suite, signer: who.signer };
    const body = {
      ...{ kind: number, validUntilHeight: this.height + 500, payload },
      nonce: number === kind.readings ? new Uint8Array(0) : Uint8Array.of(nonce++ & 0xff),
    };
    return signTransaction(with_, signer, chain.chainId, body, who.id);
  }

  /** The meter's next batch under a key; it counts as sent only where `isKept`. */
  batch(who: Person, meter: Meter, by?: LaterKey): Uint8Array {
    return this.signed(who, by, kind.readings, meter.payload());
  }

  /** All validators vote the suite in, from the next block but one. */
  voteSuite(suiteId: number, packageName = ""): void {
    const { chain, validators } = this.#net;
    const payload = encodeProposal({
      action: { type: "suite", suiteId, packageName },
      ...{ effectiveAtHeight: 0, expiresAtHeight: this.height + 50, reason: "both" },
    });
    this.#must(sign(chain, validators[0]!, payload, { kind: kind.proposal }));
    const approval = encodeApproval({
      proposalId: suite.hash(payload),
      heartbeat: new Uint8Array(0),
    });
    const votes = validators.slice(1, 3);
    this.#must(...votes.map((voter) => sign(chain, voter, approval, { kind: kind.approval })));
    this.#must();
  }

  #must(...encoded: readonly Uint8Array[]): void {
    const fault = this.block(...encoded);
    if (fault !== undefined) throw fault;
  }
}
