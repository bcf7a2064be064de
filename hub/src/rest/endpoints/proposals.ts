import { living } from "@gridledger/protocol/governance/rules";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainIndex } from "../../index/chain-index.ts";
import type { Endpoint } from "../endpoint.ts";
import {
  base64url,
  type CouncilView,
  openView,
  scheduledView,
  seatView,
} from "../proposal-view.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: Pick<ChainIndex, "head" | "nodes" | "sets" | "candidates">;
}

export function proposals({ chain, index }: Deps): Endpoint<"proposals"> {
  return () => {
    const { hash } = chain.suite;
    const { state } = index.sets;
    const { inForce, scheduled } = state;
    const nodes = index.nodes();
    const candidates = index.candidates.list();
    const seats = inForce.membership.validators.map((validator, i) => {
      return { ...validator, online: nodes[i]?.online ?? false };
    });
    const joiners = candidates.map(({ identity }) => identity.publicKey);
    const height = index.head.height + 1;
    const council: CouncilView = { hash, state, seats, joiners, height };
    const { engine, parameters } = inForce.engines.at(-1)!;
    return {
      height: index.head.height,
      policies: inForce.policies,
      engine: { engine, parameters: base64url(parameters) },
      suites: [...inForce.suites],
      validators: seats.map((seat) => ({ ...seatView(hash, seat), online: seat.online })),
      candidates: candidates.map(({ identity, height: synced, heartbeat }) => {
        return { ...seatView(hash, identity), height: synced, heartbeat: base64url(heartbeat) };
      }),
      items: living(state, height).map((open) => openView(council, open)),
      scheduled: scheduled.map((waiting) => scheduledView(council, waiting)),
    };
  };
}
