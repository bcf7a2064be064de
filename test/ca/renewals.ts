import { encodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import { createRequest } from "@gridledger/protocol/pki/request";
import type { CertificateRole } from "@gridledger/protocol/pki/role-table";
import type { Key } from "../support/chain-builder.ts";
import { type Office, ORGANISATION } from "./office.ts";

interface Wish {
  readonly serial: string;
  /** Who signs the wish. */
  readonly by: Key;
  readonly name: string;
  /** The key that is to be certified; by default the signer's. */
  readonly key?: Key;
  readonly role?: CertificateRole;
  readonly chainId?: Uint8Array;
}

/** A renewal as a device makes it. */
export function renewalOf({ builder }: Office, wish: Wish): Uint8Array {
  const { suite } = builder.chain;
  const { serial, by, name, key = by, role, chainId = builder.chain.chainId } = wish;
  const subject = { organisation: ORGANISATION, commonName: name, ...(role && { role }) };
  const request = createRequest(suite, key.signer, { subject });
  const id = Buffer.from(by.id, "hex");
  return encodeRenewalRequest(suite, by.signer, chainId, { serial, request }, id);
}
