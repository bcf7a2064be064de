import { existsSync } from "node:fs";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { type Certificate, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { parsePem } from "@gridledger/protocol/pki/pem";
import { readBytes, readGenesis } from "../files.ts";
import type { Hub } from "../hub/connect.ts";
import { createKeyFile, readKeyFile } from "../key-file.ts";

/** The key of the file, made where there is none: it never leaves this machine. */
export async function ownKey(suite: Suite, path: string): Promise<Signer> {
  return existsSync(path) ? await readKeyFile(suite, path) : createKeyFile(suite, path);
}

/** The chain that a request is for. */
export async function chainOf(hub: Hub, genesis: string | undefined): Promise<Chain> {
  if (genesis !== undefined) return readGenesis(genesis);
  return decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
}

/** The first certificate of a PEM file. @throws Fault FILE_UNREADABLE, PKI_* */
export function readCertificate(path: string): Certificate {
  return readCertificates(path)[0]!;
}

export function readCertificates(path: string): Certificate[] {
  return parsePem("CERTIFICATE", readBytes(path).toString("latin1")).map(parseCertificate);
}
