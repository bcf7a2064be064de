import { z } from "zod";
import { submitted } from "./ledger-contract.ts";
import { base64url, height, identityHex, page, pageQuery } from "./shapes.ts";

export const role = z.enum([
  ...["validator", "device", "operator", "hub", "application", "candidate", "organisation"],
  ...["administrator", "supervisor", "auditor", "custodian"],
] as const);

const identity = z.object({
  id: identityHex,
  name: z.string(),
  role,
  publicKey: base64url,
  /** 0 when it stands in the genesis. */
  sinceHeight: height,
});

/** Identities of the channel. */
export const enrolmentContract = {
  identities: {
    summary: "Identities of the channel",
    query: pageQuery.extend({ cursor: identityHex.optional() }),
    answer: page(identity),
  },
  enrol: {
    summary: "Enrol an identity; final when the answer says so",
    body: z.object({
      name: z.string().min(1).max(64),
      role: z.enum([
        ...(["device", "application", "operator", "candidate"] as const),
        ...(["administrator", "supervisor", "auditor", "custodian"] as const),
      ]),
      publicKey: base64url.length(44),
    }),
    answer: submitted.extend({ id: identityHex }),
  },
} as const;
