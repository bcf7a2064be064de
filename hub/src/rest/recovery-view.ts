import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatHex } from "@gridledger/protocol/hex";
import { placeOfCustodian, type ReadRequest } from "../recovery/request-reader.ts";
import type { StoredKey } from "../recovery/tables/kept-key-table.ts";
import type { FindName } from "./transaction-view.ts";

type Request = RouteAnswer<"recoveryRequests">["items"][number];

export function partyOf(findIdentity: FindName, id: string) {
  return { id, name: findIdentity(id)?.name ?? null };
}

function custodiansOf({ custodians }: StoredKey, findIdentity: FindName) {
  return custodians.map(({ id, organisation }, index) => {
    return { ...partyOf(findIdentity, formatHex(id)), place: index + 1, organisation };
  });
}

export function keptKeyView(
  key: StoredKey,
  height: number | undefined,
  findIdentity: FindName,
): RouteAnswer<"recoveryKeys">["items"][number] {
  const { publicKey, label, owner, commitments, createdMs } = key;
  return {
    ...{ publicKey, label, createdMs, height: height ?? null },
    owner: partyOf(findIdentity, owner),
    threshold: commitments.length,
    custodians: custodiansOf(key, findIdentity),
  };
}

/** @param self identity id in hex of who looks at it; undefined for an account without one */
export function requestView(
  read: ReadRequest,
  self: string | undefined,
  findIdentity: FindName,
): Request {
  const { request, key, state, releases } = read;
  const { id, publicKey, askedBy, recipientKey, reason, legalBasis, createdMs, expiresMs } =
    request;
  const shareOf = (place: number) => {
    const release = releases.find((one) => one.place === place);
    if (release === undefined) return "waiting";
    return release.isBad ? "bad" : "released";
  };
  return {
    ...{ id, publicKey, askedBy, recipientKey, reason, legalBasis, createdMs, expiresMs, state },
    ...{ label: key.label, threshold: key.commitments.length },
    owner: partyOf(findIdentity, key.owner),
    requester: partyOf(findIdentity, request.requester),
    custodians: custodiansOf(key, findIdentity).map((one) => {
      return { ...one, share: shareOf(one.place) };
    }),
    waiting: waitingFor(read, self),
  };
}

/** What this identity can do now. */
function waitingFor(
  { request, key, state, releases }: ReadRequest,
  self: string | undefined,
): Request["waiting"] {
  if (self === undefined) return null;
  if (state === "ready" && request.requester === self) return "collect";
  const place = placeOfCustodian(key, self);
  const hasReleased = releases.some((one) => one.place === place);
  const isOpen = state === "open" || state === "ready";
  return isOpen && place > 0 && !hasReleased ? "release" : null;
}
