import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { namePart } from "@gridledger/protocol/pki/names";
import { formatPem } from "@gridledger/protocol/pki/pem";
import type { CertificateAuthority } from "../../ca/certificate-authority.ts";
import type { IssuedCertificate } from "../../ca/tables/certificate-table.ts";
import type { Recovery } from "../../recovery/start-recovery.ts";
import type { Endpoint } from "../endpoint.ts";
import { keptKeyView, partyOf } from "../recovery-view.ts";
import type { FindName } from "../transaction-view.ts";
import { chainOf } from "./certificates.ts";

interface Deps {
  readonly recovery: Recovery;
  readonly authority: CertificateAuthority | undefined;
  readonly index: {
    readonly transactions: { heightOf(hash: Uint8Array): Promise<number | undefined> };
  };
  readonly findIdentity: FindName;
  readonly now: () => number;
}

export function recoveryKeys({ recovery, index, findIdentity }: Deps): Endpoint<"recoveryKeys"> {
  return async ({ query: { owner, limit } }) => {
    const keys = await recovery.keys.list(owner, limit);
    const heights = await Promise.all(
      keys.map(({ txHash }) => index.transactions.heightOf(txHash)),
    );
    return { items: keys.map((key, at) => keptKeyView(key, heights[at], findIdentity)) };
  };
}

export function keepKey({ recovery }: Deps): Endpoint<"keepKey"> {
  return async ({ body, caller, reply }) => {
    const bytes = (text: string) => Buffer.from(text, "base64url");
    const deposit = {
      ...{ transaction: bytes(body.transaction), label: body.label, box: bytes(body.box) },
      sealedShares: body.sealedShares.map(bytes),
    };
    const kept = await recovery.keepDesk.keep(deposit, caller.subject.name);
    reply.status(kept.state === "final" ? 200 : 202);
    return kept;
  };
}

/** Enrolled custodians whose encryption certificate is in force. */
export function custodians({ authority, findIdentity, now }: Deps): Endpoint<"custodians"> {
  return async () => {
    if (authority === undefined) return { items: [] };
    const found = await authority.certificates.ofRole("custodian", "encryption", now());
    const known = found.filter(({ identity }) => findIdentity(identity ?? "") !== undefined);
    return { items: known.map((one) => custodianView(authority, one, findIdentity)) };
  };
}

function custodianView(
  authority: CertificateAuthority,
  { identity, encoded, authority: issuer }: IssuedCertificate,
  findIdentity: FindName,
) {
  const { subject } = parseCertificate(encoded);
  return {
    ...partyOf(findIdentity, identity ?? ""),
    organisation: namePart(subject, "O") ?? "",
    pem: formatPem("CERTIFICATE", encoded),
    chain: chainOf(authority, issuer),
  };
}

/** An account without an identity is told nothing: its attribute `identity` says whose it is. */
export function recoveryNotices({ recovery, findIdentity }: Deps): Endpoint<"recoveryNotices"> {
  return async ({ query: { limit }, caller }) => {
    const { identity } = caller.subject.attributes;
    if (identity === undefined) return { items: [] };
    const notices = await recovery.notices.of(identity, limit);
    const items = notices.map(async ({ told: _told, by, ...notice }) => {
      const { label } = await recovery.reader.key(notice.publicKey);
      return { ...notice, label, by: partyOf(findIdentity, by) };
    });
    return { items: await Promise.all(items) };
  };
}
