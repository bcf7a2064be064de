import type { RouteName } from "@gridledger/protocol/api/paths";
import type { Endpoint } from "./endpoint.ts";
import { block } from "./endpoints/block.ts";
import { blockTransactions } from "./endpoints/block-transactions.ts";
import { blocks } from "./endpoints/blocks.ts";
import { type CertificateDeps, certificateEndpoints } from "./endpoints/certificate-endpoints.ts";
import { changePassword } from "./endpoints/change-password.ts";
import { enrol } from "./endpoints/enrol.ts";
import { evidence } from "./endpoints/evidence.ts";
import { genesis } from "./endpoints/genesis.ts";
import { identities } from "./endpoints/identities.ts";
import { meters } from "./endpoints/meters.ts";
import { nodes } from "./endpoints/nodes.ts";
import { proposals } from "./endpoints/proposals.ts";
import { readingProof } from "./endpoints/reading-proof.ts";
import { readings } from "./endpoints/readings.ts";
import { session } from "./endpoints/session.ts";
import { signIn } from "./endpoints/sign-in.ts";
import { signOut } from "./endpoints/sign-out.ts";
import { status } from "./endpoints/status.ts";
import { submitTransaction } from "./endpoints/submit-transaction.ts";
import { transaction } from "./endpoints/transaction.ts";
import { transactionProof } from "./endpoints/transaction-proof.ts";

export type Endpoints = { readonly [Name in RouteName]: Endpoint<Name> };

/** What all endpoints need together; each says for itself what it takes of it. */
export type EndpointDeps = Parameters<typeof status>[0] &
  Parameters<typeof genesis>[0] &
  Parameters<typeof blocks>[0] &
  Parameters<typeof block>[0] &
  Parameters<typeof blockTransactions>[0] &
  Parameters<typeof transaction>[0] &
  Parameters<typeof transactionProof>[0] &
  Parameters<typeof submitTransaction>[0] &
  Parameters<typeof nodes>[0] &
  Parameters<typeof proposals>[0] &
  Parameters<typeof evidence>[0] &
  Parameters<typeof meters>[0] &
  Parameters<typeof readings>[0] &
  Parameters<typeof readingProof>[0] &
  Parameters<typeof identities>[0] &
  Parameters<typeof enrol>[0] &
  Parameters<typeof signIn>[0] &
  Parameters<typeof signOut>[0] &
  Parameters<typeof changePassword>[0] &
  CertificateDeps;

/** The table of routes: every name of `protocol/api/paths` has its endpoint, or this does not compile. */
export function makeEndpoints(deps: EndpointDeps): Endpoints {
  return {
    status: status(deps),
    genesis: genesis(deps),
    nodes: nodes(deps),
    proposals: proposals(deps),
    evidence: evidence(deps),
    blocks: blocks(deps),
    block: block(deps),
    blockTransactions: blockTransactions(deps),
    transaction: transaction(deps),
    transactionProof: transactionProof(deps),
    submitTransaction: submitTransaction(deps),
    meters: meters(deps),
    readings: readings(deps),
    readingProof: readingProof(deps),
    identities: identities(deps),
    enrol: enrol(deps),
    session: session(),
    signIn: signIn(deps),
    signOut: signOut(deps),
    changePassword: changePassword(deps),
    ...certificateEndpoints(deps),
  };
}
