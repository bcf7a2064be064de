import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { OpenProposal } from "@gridledger/protocol/governance/governance-state";
import { DEFAULT_POLICY } from "@gridledger/protocol/governance/policy";
import { encodeProposal, joiningKeyOf } from "@gridledger/protocol/governance/proposal";
import { forecast, type Seat } from "@gridledger/protocol/governance/quorum-guard";
import { countApprovals, living } from "@gridledger/protocol/governance/rules";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ChainIndex } from "../../index/chain-index.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Chain;
  readonly index: Pick<ChainIndex, "head" | "nodes" | "sets" | "candidates">;
}

type Answer = RouteAnswer<"proposals">;

export function proposals(deps: Deps): Endpoint<"proposals"> {
  return () => {
    const { chain, index } = deps;
    const { state } = index.sets;
    const nodes = index.nodes();
    const { validators } = state.membership;
    const candidates = index.candidates.list();
    const seats = validators.map((validator, i) => {
      return { ...validator, online: nodes[i]?.online ?? false };
    });
    const joiners = candidates.map(({ identity }) => identity.publicKey);
    const open = living(state, index.head.height + 1);
    return {
      height: index.head.height,
      policy: chain.genesis.governance ?? DEFAULT_POLICY,
      validators: seats.map((seat) => ({ ...seatView(chain, seat), online: seat.online })),
      candidates: candidates.map(({ identity, height, heartbeat }) => {
        return { ...seatView(chain, identity), height, heartbeat: text(heartbeat) };
      }),
      items: open.map((waiting) => proposalView(chain, seats, joiners, waiting)),
    };
  };
}

function seatView(
  { suite }: Chain,
  { publicKey, name }: Pick<Seat, "publicKey" | "name">,
): Pick<Answer["candidates"][number], "id" | "name" | "publicKey"> {
  return { id: formatHex(identityId(suite.hash, publicKey)), name, publicKey: text(publicKey) };
}

function proposalView(
  chain: Chain,
  seats: readonly Seat[],
  joiners: readonly Uint8Array[],
  open: OpenProposal,
): Answer["items"][number] {
  const { id, proposal, approvals } = open;
  const { operation, publicKey, expiresAtHeight } = proposal;
  const joining = joiningKeyOf(proposal);
  const isThere = joiners.some((key) => joining !== undefined && equalBytes(key, joining));
  const policy = chain.genesis.governance ?? DEFAULT_POLICY;
  const { verdict, reason, safeOrder } = forecast(seats, policy, proposal, isThere);
  const nameOf = (key: Uint8Array) =>
    seats.find((seat) => equalBytes(seat.publicKey, key))?.name ?? formatHex(key);
  return {
    ...{ id: formatHex(id), operation, expiresAtHeight },
    subject: operation === "add" ? proposal.name : nameOf(publicKey),
    encoded: text(encodeProposal(proposal)),
    approvals: approvals.map(nameOf),
    ...countApprovals({ chain }, seats, open),
    forecast: { verdict, reason, safeOrder: [...safeOrder] },
  };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
