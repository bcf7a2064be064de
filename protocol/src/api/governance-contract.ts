import { z } from "zod";
import { committeeAnswer } from "./committee-contract.ts";
import { evidenceAnswer } from "./evidence-contract.ts";
import { base64url, height, hex32, identityHex } from "./shapes.ts";

const policy = z.enum(["majority", "two-thirds", "unanimous"]);

const seat = z.object({ id: identityHex, name: z.string(), publicKey: base64url });

/** A set of validators by number: who is there, the quorum q and the faults f that it survives. */
const strength = z.object({
  validators: z.number().int(),
  online: z.number().int(),
  quorum: z.number().int(),
  faultTolerance: z.number().int(),
});

const change = z.object({
  id: hex32,
  /** Type of the action: "add", "remove", "replace", "policy", "engine", "suite" and later ones. */
  action: z.string(),
  /** Who joins or leaves, by name, or what changes to what. */
  subject: z.string(),
  /** Why, in the proposer's words. */
  reason: z.string(),
  /** The payload as proposed: its hash is the id. */
  encoded: base64url,
});

const openProposal = change.extend({
  /** The first height for which it would count; 0: the one after its approval. */
  effectiveAtHeight: height,
  expiresAtHeight: height,
  /** Names of those who said yes, the proposer first. */
  approvals: z.array(z.string()),
  given: z.number().int(),
  needed: z.number().int(),
  /** What the change would do now, by who is online. */
  forecast: z.object({
    before: strength,
    after: strength,
    verdict: z.enum(["safe", "no-reserve", "cannot-pass", "stops-chain"]),
    reason: z.string(),
    safeOrder: z.array(z.string()),
  }),
});

/** What is decided by vote, what waits for votes, and what counts now (guide §4.2.2 a, b). */
const proposalsAnswer = z.object({
  height,
  /** How many validators must agree, by family of actions. */
  policies: z.object({ membership: policy, protocol: policy, data: policy, trust: policy }),
  /** Runs the next height. */
  engine: z.object({ engine: z.string(), parameters: base64url }),
  /** Transactions may be signed with these. */
  suites: z.array(
    z.object({ suiteId: z.number().int(), packageName: z.string(), fromHeight: height }),
  ),
  validators: z.array(seat.extend({ online: z.boolean() })),
  /** `heartbeat` goes into a proposal: it proves the key and how far the node has synced. */
  candidates: z.array(seat.extend({ height, heartbeat: base64url })),
  items: z.array(openProposal),
  /** Approved, and in force from `fromHeight` on. */
  scheduled: z.array(change.extend({ fromHeight: height })),
});

export const governanceContract = {
  proposals: {
    summary: "What is decided by vote: open proposals, approved changes, and who could join",
    answer: proposalsAnswer,
  },
  evidence: {
    summary: "Offences of validators, newest first, with what proves them",
    answer: evidenceAnswer,
  },
  committee: {
    summary:
      "The committee that seals now, when the next is drawn, and how available each gateway is",
    answer: committeeAnswer,
  },
} as const;
