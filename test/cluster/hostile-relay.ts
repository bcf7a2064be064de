import { type Vote, voteType } from "@gridledger/protocol/ledger/vote";
import { type Certificate, encodeCertificate } from "@gridledger/protocol/messages/certificate";
import { decodeMessage } from "../../edge-node/src/consensus/poa/messages.ts";
import type { Packet, SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

const MAX_VOTES = 24;

/** Stands beside the broker, hears every vote, and bundles them into certificates true and false. */
export function addHostileRelay(world: World, share: number): void {
  const heard: { readonly type: Certificate["type"]; readonly vote: Vote }[] = [];
  world.tap = (from: SimNode, packet: Packet) => {
    if (packet.type !== "consensus" || !world.prng.chance(share)) return;
    const message = packet.lane === "v" && from.isHonest ? decodeMessage(packet.bytes) : undefined;
    if (message?.type !== voteType.prepare && message?.type !== voteType.commit) return;
    heard.push({ type: message.type, vote: message.body });
    if (heard.length > MAX_VOTES) heard.shift();
    const bytes = encodeCertificate(bundle(world, heard));
    world.stats.certificates++;
    const { publisher } = packet;
    world.publish(from.index, { type: "consensus", publisher, lane: "k", bytes });
  };
}

/** A certificate for what was said last, with votes for it and, now and then, with others. */
function bundle(
  { prng }: World,
  heard: readonly { readonly type: Certificate["type"]; readonly vote: Vote }[],
): Certificate {
  const { type, vote } = heard.at(-1)!;
  const { height, round, blockHash } = vote;
  const isTrue = prng.chance(0.5);
  const signatures = new Map<number, Uint8Array>();
  for (const said of heard) {
    const isSame =
      said.type === type &&
      said.vote.round === round &&
      said.vote.height === height &&
      Buffer.compare(said.vote.blockHash, blockHash) === 0;
    if (isSame || !isTrue) signatures.set(said.vote.from, said.vote.signature);
  }
  const others = { [voteType.prepare]: voteType.commit, [voteType.commit]: voteType.prepare };
  return {
    type: isTrue || prng.chance(0.5) ? type : others[type],
    height,
    blockHash,
    seal: {
      round: isTrue || prng.chance(0.5) ? round : round + 1,
      signatures: [...signatures]
        .sort(([a], [b]) => a - b)
        .map(([signer, signature]) => ({ signer, signature })),
    },
  };
}
