import {
  type AuditAnchor,
  anchoredLines,
  decodeAuditAnchor,
} from "@gridledger/protocol/audit/audit-anchor";
import { FIRST_HASH } from "@gridledger/protocol/audit/audit-record";
import type { SaltedAnchor } from "@gridledger/protocol/audit/verify-log";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, parseHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import type { Hub } from "../hub/connect.ts";

const PAGE = 500;

interface ProvenAnchors {
  readonly anchors: readonly SaltedAnchor[];
  /** Block of the newest anchor; null without one. */
  readonly height: number | null;
  readonly blockTimeMs: number | null;
}

/**
 * Every final anchor of the hub's audit log, proven with the genesis alone: of one hub, one after the other.
 *
 * @throws Fault PROOF_INVALID, and what `verifyProof` throws
 */
export async function provenAnchors(hub: Pick<Hub, "call">, chain: Chain): Promise<ProvenAnchors> {
  const anchors: SaltedAnchor[] = [];
  let newest: Pick<ProvenAnchors, "height" | "blockTimeMs"> = { height: null, blockTimeMs: null };
  const order = new AnchorOrder(chain);
  for (const { transaction, salt } of await listAnchors(hub)) {
    const proof = await hub.call("transactionProof", { params: { hash: transaction } });
    const { height, blockTimeMs, sender } = verifyProof(chain, proof);
    const encoded = Buffer.from(proof.transaction, "base64url");
    const { kind: number, payload } = decodeTransaction(chain.suite, encoded);
    if (number !== kind.auditAnchor) throw notAnAnchor(transaction);
    anchors.push({ anchor: order.next(sender, payload), salt: parseHex(salt) });
    newest = { height, blockTimeMs };
  }
  return { anchors, ...newest };
}

/** Of one log, without a gap and by one sender: only a hub sends them. */
class AnchorOrder {
  readonly #chain: Chain;
  #sender: Uint8Array | undefined;
  #nextLine = 1;
  #previousHash = FIRST_HASH;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  next(sender: Uint8Array, payload: Uint8Array): AuditAnchor {
    const anchor = decodeAuditAnchor(payload);
    const isOfOneHub = this.#sender === undefined || equalBytes(this.#sender, sender);
    const follows = equalBytes(anchor.previousHash, this.#previousHash);
    if (!isOfOneHub || !follows || anchor.firstLine !== this.#nextLine) {
      const detail = `the anchor from line ${anchor.firstLine} on does not follow the one before`;
      throw new Fault("PROOF_INVALID", detail);
    }
    this.#sender = sender;
    this.#nextLine += anchoredLines(anchor);
    this.#previousHash = this.#chain.suite.hash(payload);
    return anchor;
  }
}

function notAnAnchor(transaction: string): Fault {
  return new Fault("PROOF_INVALID", `transaction ${transaction} is no anchor of an audit log`);
}

async function listAnchors(hub: Pick<Hub, "call">) {
  const final: { readonly transaction: string; readonly salt: string }[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
    const { items, next } = await hub.call("auditAnchors", { query });
    for (const { transaction, salt, height } of items) {
      if (height !== null && transaction !== null) final.push({ transaction, salt });
    }
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return final;
}
