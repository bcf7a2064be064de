import type { RouteName } from "@gridledger/protocol/api/paths";
import type { Endpoint } from "./endpoint.ts";
import { access } from "./endpoints/access.ts";
import { accessHistory } from "./endpoints/access-history.ts";
import { addToken } from "./endpoints/add-token.ts";
import { addUser } from "./endpoints/add-user.ts";
import { audit } from "./endpoints/audit.ts";
import { auditAnchors } from "./endpoints/audit-anchors.ts";
import { auditCheck } from "./endpoints/audit-check.ts";
import { block } from "./endpoints/block.ts";
import { blockTransactions } from "./endpoints/block-transactions.ts";
import { blocks } from "./endpoints/blocks.ts";
import { type CertificateDeps, certificateEndpoints } from "./endpoints/certificate-endpoints.ts";
import { changePassword } from "./endpoints/change-password.ts";
import { changeUser } from "./endpoints/change-user.ts";
import { committee } from "./endpoints/committee.ts";
import { completeness } from "./endpoints/completeness.ts";
import { contract } from "./endpoints/contract.ts";
import { contractCall } from "./endpoints/contract-call.ts";
import { contractLogs } from "./endpoints/contract-logs.ts";
import { contractSlot } from "./endpoints/contract-slot.ts";
import { contracts } from "./endpoints/contracts.ts";
import { type CorrectionDeps, correctionEndpoints } from "./endpoints/correction-endpoints.ts";
import { decision } from "./endpoints/decision.ts";
import { endSession } from "./endpoints/end-session.ts";
import { enrol } from "./endpoints/enrol.ts";
import { evidence } from "./endpoints/evidence.ts";
import { genesis } from "./endpoints/genesis.ts";
import { identities } from "./endpoints/identities.ts";
import { type KeyDeps, keyEndpoints } from "./endpoints/keys.ts";
import { type MappingEndpointDeps, mappingEndpoints } from "./endpoints/mapping-endpoints.ts";
import { type MarketDeps, marketEndpoints } from "./endpoints/market-endpoints.ts";
import { meters } from "./endpoints/meters.ts";
import { nodes } from "./endpoints/nodes.ts";
import { type ObjectEndpointDeps, objectEndpoints } from "./endpoints/object-endpoints.ts";
import { proposals } from "./endpoints/proposals.ts";
import { readingProof } from "./endpoints/reading-proof.ts";
import { readings } from "./endpoints/readings.ts";
import { receipt } from "./endpoints/receipt.ts";
import { type RecoveryEndpointDeps, recoveryEndpoints } from "./endpoints/recovery-endpoints.ts";
import { resetPassword } from "./endpoints/reset-password.ts";
import { revokeToken } from "./endpoints/revoke-token.ts";
import { session } from "./endpoints/session.ts";
import { sessions } from "./endpoints/sessions.ts";
import { setRules } from "./endpoints/set-rules.ts";
import { signIn } from "./endpoints/sign-in.ts";
import { signInChallenge } from "./endpoints/sign-in-challenge.ts";
import { signInKey } from "./endpoints/sign-in-key.ts";
import { signOut } from "./endpoints/sign-out.ts";
import { status } from "./endpoints/status.ts";
import { submitTransaction } from "./endpoints/submit-transaction.ts";
import { tokens } from "./endpoints/tokens.ts";
import { transaction } from "./endpoints/transaction.ts";
import { transactionProof } from "./endpoints/transaction-proof.ts";
import { users } from "./endpoints/users.ts";
import { type WebhookDeps, webhookEndpoints } from "./endpoints/webhook-endpoints.ts";

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
  Parameters<typeof committee>[0] &
  Parameters<typeof meters>[0] &
  Parameters<typeof readings>[0] &
  Parameters<typeof completeness>[0] &
  Parameters<typeof readingProof>[0] &
  Parameters<typeof identities>[0] &
  Parameters<typeof enrol>[0] &
  Parameters<typeof contracts>[0] &
  Parameters<typeof contract>[0] &
  Parameters<typeof contractSlot>[0] &
  Parameters<typeof contractCall>[0] &
  Parameters<typeof contractLogs>[0] &
  Parameters<typeof receipt>[0] &
  Parameters<typeof signIn>[0] &
  Parameters<typeof signOut>[0] &
  Parameters<typeof changePassword>[0] &
  Parameters<typeof access>[0] &
  Parameters<typeof accessHistory>[0] &
  Parameters<typeof addToken>[0] &
  Parameters<typeof addUser>[0] &
  Parameters<typeof audit>[0] &
  Parameters<typeof auditAnchors>[0] &
  Parameters<typeof auditCheck>[0] &
  Parameters<typeof changeUser>[0] &
  Parameters<typeof decision>[0] &
  Parameters<typeof endSession>[0] &
  Parameters<typeof resetPassword>[0] &
  Parameters<typeof revokeToken>[0] &
  Parameters<typeof sessions>[0] &
  Parameters<typeof setRules>[0] &
  Parameters<typeof signInChallenge>[0] &
  Parameters<typeof signInKey>[0] &
  Parameters<typeof tokens>[0] &
  Parameters<typeof users>[0] &
  KeyDeps &
  WebhookDeps &
  MappingEndpointDeps &
  MarketDeps &
  CertificateDeps &
  RecoveryEndpointDeps &
  CorrectionDeps &
  ObjectEndpointDeps;

/** The table of routes: every name of `protocol/api/paths` has its endpoint, or this does not compile. */
export function makeEndpoints(deps: EndpointDeps): Endpoints {
  return {
    status: status(deps),
    genesis: genesis(deps),
    nodes: nodes(deps),
    proposals: proposals(deps),
    evidence: evidence(deps),
    committee: committee(deps),
    blocks: blocks(deps),
    block: block(deps),
    blockTransactions: blockTransactions(deps),
    transaction: transaction(deps),
    transactionProof: transactionProof(deps),
    submitTransaction: submitTransaction(deps),
    meters: meters(deps),
    readings: readings(deps),
    completeness: completeness(deps),
    readingProof: readingProof(deps),
    identities: identities(deps),
    ...keyEndpoints(deps),
    enrol: enrol(deps),
    contracts: contracts(deps),
    contract: contract(deps),
    contractSlot: contractSlot(deps),
    contractCall: contractCall(deps),
    contractLogs: contractLogs(deps),
    receipt: receipt(deps),
    session: session(),
    signIn: signIn(deps),
    signOut: signOut(deps),
    changePassword: changePassword(deps),
    access: access(deps),
    accessHistory: accessHistory(deps),
    addToken: addToken(deps),
    addUser: addUser(deps),
    audit: audit(deps),
    auditAnchors: auditAnchors(deps),
    auditCheck: auditCheck(deps),
    changeUser: changeUser(deps),
    decision: decision(deps),
    endSession: endSession(deps),
    resetPassword: resetPassword(deps),
    revokeToken: revokeToken(deps),
    sessions: sessions(deps),
    setRules: setRules(deps),
    signInChallenge: signInChallenge(deps),
    signInKey: signInKey(deps),
    tokens: tokens(deps),
    users: users(deps),
    ...webhookEndpoints(deps),
    ...mappingEndpoints(deps),
    ...marketEndpoints(deps),
    ...certificateEndpoints(deps),
    ...recoveryEndpoints(deps),
    ...objectEndpoints(deps),
    ...correctionEndpoints(deps),
  };
}
