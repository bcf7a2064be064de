import { statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { encodeCommit } from "@gridledger/protocol/messages/commit";
import {
  decodeProposal,
  encodeJustification,
  encodeProposal,
  type Justification,
  type Proposal,
} from "@gridledger/protocol/messages/proposal";
import { proposalStatement } from "../../edge-node/src/consensus/poa/messages.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";
import type { Prng } from "./prng.ts";
import { machineOf } from "./sim-membership.ts";
import { chainId, type Packet, type SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

type ConsensusPacket = Extract<Packet, { type: "consensus" }>;

/** Signs its proposals over justifications that do not allow them. */
export function usurp(world: World, from: SimNode, packet: ConsensusPacket): Packet[] {
  if (packet.lane !== "p" || world.prng.chance(0.3)) return [packet];
  const proposal = decodeProposal(packet.bytes);
  const unjustified = { ...proposal, encodedJustification: pretext(world.prng, proposal) };
  const { type, round, blockHash, justificationHash } = proposalStatement(
    fakeSuite.hash,
    unjustified,
  );
  const place = { chainId, validatorsHash: from.chain.set.hash, height: proposal.height };
  const statement = { type, round, blockHash, justificationHash };
  const signature = fakeSigner(from.index).sign(statementPreimage(place, statement));
  world.stats.unjustified++;
  return [{ ...packet, bytes: encodeProposal({ ...unjustified, signature }) }];
}

function pretext(prng: Prng, { round, justification }: Proposal): Uint8Array {
  const nobody: Justification = { roundChanges: [], prepared: null };
  if (round === 0 || justification === null) return encodeJustification(nobody);
  const { roundChanges, prepared } = justification;
  const first = roundChanges[0]!;
  const claimed = { ...first, prepared: { round: round - 1, blockHash: prng.bytes(32) } };
  return encodeJustification(
    prng.pick([
      null,
      nobody,
      { roundChanges: roundChanges.slice(1), prepared },
      { roundChanges: [claimed, ...roundChanges.slice(1)], prepared },
    ]),
  );
}

/** Commits to another block at a height that was decided a while ago. */
export function voteLate(world: World, from: SimNode, packet: ConsensusPacket): Packet[] {
  const { prng, stats } = world;
  const final = from.chain.blocks.at(-1 - prng.below(4));
  if (final === undefined || prng.chance(0.8)) return [packet];
  const { height } = final.block.header;
  const { round } = final.seal;
  const { validators, hash: validatorsHash } = from.chain.setAt(height);
  const index = validators.findIndex((known) => machineOf(known) === from.index);
  if (index < 0) return [packet];
  const blockHash = prng.bytes(32);
  const place = { chainId, validatorsHash, height };
  const statement = { type: voteType.commit, round, blockHash };
  const signature = fakeSigner(from.index).sign(statementPreimage(place, statement));
  stats.lateVotes++;
  const bytes = encodeCommit({ height, round, from: index, blockHash, signature });
  return [packet, { ...packet, lane: "v", bytes }];
}
