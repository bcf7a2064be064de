import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { Head } from "../chain/head.ts";
import type { Link } from "../transport/link-group.ts";
import { CaughtUp } from "./caught-up.ts";
import { CopyStore } from "./copy-store.ts";
import { Holder } from "./holder.ts";
import { HolderService } from "./holder-service.ts";

interface StartDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  /** The one that votes do not share. */
  readonly link: Pick<Link, "publish" | "subscribe">;
  readonly head: () => Head;
  readonly peers: ReadonlyMap<string, { readonly height: number }>;
  readonly submit: (encoded: Uint8Array) => void;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
  };
}

interface StartOptions {
  /** `copies.sqlite` of the node's home. */
  readonly file: string;
  readonly maxBytes: number;
}

/** A node that keeps copies of objects, guide §10.5. */
export function startHolder(deps: StartDeps, { file, maxBytes }: StartOptions): HolderService {
  const { chain, signer, link, head, peers, submit, log } = deps;
  const { channel } = chain.genesis;
  const { hash } = chain.suite;
  const ownId = identityId(hash, signer.publicKey);
  const self = formatHex(ownId);
  const store = new CopyStore(file);
  const holder = new Holder(
    {
      ...{ chain, signer, ownId, store, now: Date.now },
      state: () => head().state,
      erase: (root) => service.erase(root),
    },
    { maxBytes },
  );
  const caughtUp = new CaughtUp({
    ownId: self,
    headHeight: () => head().height,
    validatorIds: () =>
      head().validators.validators.map(({ publicKey }) => formatHex(identityId(hash, publicKey))),
    statuses: () => peers,
  });
  const service = new HolderService(
    {
      ...{ chain, signer, ownId, store, holder, head, caughtUp, submit, log },
      send: (peer, bytes) => link.publish(topics.copies(channel, peer, self), bytes),
      after: (ms, work) => {
        const timer = setTimeout(work, ms);
        return () => clearTimeout(timer);
      },
    },
    { maxBytes },
  );
  link.subscribe(filters.copies(channel, self), (topic, payload) => {
    // A copy: the payload is a view of what the socket read.
    service.onMessage(parseTopic(topic).publisher, new Uint8Array(payload));
  });
  service.start();
  return service;
}
