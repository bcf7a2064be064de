import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  encodeRecoveryRecord,
  type RecoveryRecord,
} from "@gridledger/protocol/ledger/recovery-record";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import type { Command } from "commander";
import { chainOf } from "../certificates/own-key.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { signInByKey } from "../hub/sign-in-by-key.ts";
import type { SigningKey } from "../signing/signing-key.ts";

export interface SignatoryOptions extends HubOptions {
  readonly key: string;
  readonly genesis?: string;
}

export function withSignatoryOptions(command: Command): Command {
  return withHubOptions(command)
    .requiredOption("--key <file>", "your signing key; it signs the step and signs you in")
    .option("--genesis <file>", "believe this chain only; without it the hub is asked");
}

/** Who takes a step of a recovery. */
export interface Signatory {
  readonly hub: Hub;
  readonly chain: Chain;
  readonly key: SigningKey;
  /** Identity id in hex. */
  readonly id: string;
}

export async function signatoryOf(options: SignatoryOptions): Promise<Signatory> {
  const chain = await chainOf(connectHub(options), options.genesis);
  const { hub, key } = await signInByKey(options, chain, options.key);
  return { hub, chain, key, id: formatHex(key.id) };
}

/** The step as base64url. @param nonce digest of what goes beside it, `protocol/recovery/step-content` */
export async function signStep(
  { hub, chain, key }: Signatory,
  record: RecoveryRecord,
  nonce: Uint8Array,
): Promise<string> {
  const { height } = await hub.call("status");
  const body = {
    ...{ kind: kind.recovery, nonce, payload: encodeRecoveryRecord(record) },
    validUntilHeight: height + VALIDITY_WINDOW_BLOCKS / 2,
  };
  const signed = signTransaction(key.suite, key.signer, chain.chainId, body, key.id);
  return Buffer.from(signed).toString("base64url");
}

/** How far a step has come, in words. */
export function placeLine({
  hash,
  height,
}: {
  readonly hash: string;
  readonly height: number | null;
}) {
  const where = height === null ? "on its way; the hub sends it on" : `final in block ${height}`;
  return `transaction ${hash}: ${where}`;
}
