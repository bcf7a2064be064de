import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { encodeCrlNotice, MAX_CRL_IN_NOTICE_BYTES } from "@gridledger/protocol/messages/crl-notice";
import type { Crl } from "@gridledger/protocol/pki/crl";
import { topics } from "@gridledger/protocol/topics";
import type { Authority } from "./authorities.ts";

interface NoticeDeps {
  readonly chain: Chain;
  /** The hub's identity id. */
  readonly self: string;
  /** To all that subscribe, now or later. */
  readonly publishRetained: (topic: string, bytes: Uint8Array) => void;
}

/** Puts each CRL on its retained topic (message 18). */
export function crlNotices({ chain, self, publishRetained }: NoticeDeps) {
  return ({ id }: Authority, { encoded, number, nextUpdateMs }: Crl): void => {
    const notice = {
      ...{ authorityId: Buffer.from(id, "hex"), number: Number(number), nextUpdateMs },
      hash: chain.suite.hash(encoded),
      crl: encoded.length > MAX_CRL_IN_NOTICE_BYTES ? new Uint8Array(0) : encoded,
    };
    const topic = topics.revocations(chain.genesis.channel, id, self);
    publishRetained(topic, encodeCrlNotice(notice));
  };
}
