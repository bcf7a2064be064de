import { Fault } from "@gridledger/protocol/faults";
import { prove } from "../../index/query/prove.ts";
import type { Recovery } from "../../recovery/start-recovery.ts";
import type { Endpoint } from "../endpoint.ts";
import { requestView } from "../recovery-view.ts";
import type { FindName } from "../transaction-view.ts";
import type { transactionProof } from "./transaction-proof.ts";

type Deps = Parameters<typeof transactionProof>[0] & {
  readonly recovery: Recovery;
  readonly findIdentity: FindName;
};

const bytesOf = (text: string) => Buffer.from(text, "base64url");
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

export function recoveryRequests({ recovery, findIdentity }: Deps): Endpoint<"recoveryRequests"> {
  return async ({ query: { owner, limit }, caller }) => {
    const { identity } = caller.subject.attributes;
    const found = await recovery.reader.list(owner, limit);
    return { items: found.map((read) => requestView(read, identity, findIdentity)) };
  };
}

/**
 * What a custodian needs to open its own share and a requester to collect. The proofs are for those who
 * do not believe the hub: to which key a share is sealed stands on the chain.
 */
export function recoveryRequest(deps: Deps): Endpoint<"recoveryRequest"> {
  const { recovery, findIdentity } = deps;
  return async ({ params: { id }, query: { owner }, caller }) => {
    const read = await recovery.reader.request(id, owner);
    const { key, request, releases, state } = read;
    const areEnough = state === "ready" || state === "completed";
    const keptProof = await proofOf(deps, key.txHash);
    if (keptProof === null) throw new Fault("RECOVERY_CLOSED", "the key is not kept on the chain");
    return {
      ...requestView(read, caller.subject.attributes.identity, findIdentity),
      escrow: { box: textOf(key.box), sealedShares: key.sealedShares.map(textOf) },
      releases: areEnough
        ? releases.map(({ place, sealed }) => ({ place, sealed: textOf(sealed) }))
        : [],
      keptProof,
      askedProof: await proofOf(deps, request.txHash),
    };
  };
}

async function proofOf({ chain, index }: Deps, txHash: Uint8Array) {
  const { blocks, transactions, keys, sets } = index;
  if ((await transactions.heightOf(txHash)) === undefined) return null;
  return prove({ chain, blocks, transactions, keys, sets }, txHash);
}

export function askForKey({ recovery }: Deps): Endpoint<"askForKey"> {
  return async ({ body, caller, reply }) => {
    const asked = { ...body, transaction: bytesOf(body.transaction) };
    const answer = await recovery.requestDesk.ask(asked, caller.subject.name);
    reply.status(answer.state === "final" ? 200 : 202);
    return answer;
  };
}

export function releaseShare({ recovery }: Deps): Endpoint<"releaseShare"> {
  return async ({ params: { id }, body, caller, reply }) => {
    const release = { transaction: bytesOf(body.transaction), sealed: bytesOf(body.sealed) };
    const answer = await recovery.requestDesk.release(id, release, caller.subject.name);
    reply.status(answer.state === "final" ? 200 : 202);
    return answer;
  };
}

export function reportShares({ recovery }: Deps): Endpoint<"reportShares"> {
  return async ({ params: { id }, body, caller }) => {
    return { reported: await recovery.requestDesk.report(id, body, caller.subject) };
  };
}

export function completeRecovery({ recovery }: Deps): Endpoint<"completeRecovery"> {
  return async ({ params: { id }, body: { owner, transaction }, caller, reply }) => {
    const completed = { owner, transaction: bytesOf(transaction) };
    const answer = await recovery.requestDesk.complete(id, completed, caller.subject.name);
    reply.status(answer.state === "final" ? 200 : 202);
    return answer;
  };
}
