import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { type Certificate, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { parsePem } from "@gridledger/protocol/pki/pem";
import type { SharedCustodian } from "@gridledger/protocol/recovery/escrow";
import { checkOneOfEach } from "@gridledger/protocol/recovery/recovery-plan";

type Listed = RouteAnswer<"custodians">["items"][number];

/**
 * The custodians with these identity ids, each with the key of its encryption certificate.
 *
 * @param roots believed; without any the hub's own root is
 * @throws Fault RECOVERY_PLAN, CERTIFICATE_*, PKI_*
 */
export function chooseCustodians(
  chain: Chain,
  listed: readonly Listed[],
  ids: readonly string[],
  roots: readonly Certificate[] | undefined,
): SharedCustodian[] {
  const chosen = ids.map((id) => {
    const found = listed.find((one) => one.id === id);
    if (found !== undefined) return custodianOf(chain, found, roots);
    throw new Fault("RECOVERY_PLAN", `${id} is no custodian with an encryption certificate here`);
  });
  checkOneOfEach(chosen);
  return chosen;
}

/** A short text of a public key, for people to compare by telephone. */
export function keyMark({ suite }: Chain, publicKey: Uint8Array): string {
  return (formatHex(suite.hash(publicKey).subarray(0, 8)).match(/.{4}/g) ?? []).join(" ");
}

function custodianOf(
  { suite }: Chain,
  { id, pem, chain }: Listed,
  roots: readonly Certificate[] | undefined,
): SharedCustodian {
  const [certificate] = certificatesOf(pem);
  const above = chain.flatMap(certificatesOf);
  const identity = verifyChain({
    ...{ suite, certificate: certificate!, intermediates: above.slice(0, -1) },
    ...{ roots: roots ?? above.slice(-1), usage: "encryption", atMs: Date.now() },
    ...{ crls: [], withoutCrl: "flag" }, // the hub names none that is revoked
  });
  const organisation = identity.organisation ?? "";
  return { id: Buffer.from(id, "hex"), organisation, sealingKey: identity.publicKey };
}

function certificatesOf(pem: string): Certificate[] {
  return parsePem("CERTIFICATE", pem).map(parseCertificate);
}
