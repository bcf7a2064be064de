import { encodeSignInProof } from "@gridledger/protocol/access/sign-in-proof";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { connectHub, type Hub, type HubOptions, namesSomebody } from "./connect.ts";

/**
 * The hub, signed in as whom the options name, else with the key of an enrolled identity: one key is then
 * enough for a person or a program.
 *
 * @throws Fault SIGN_IN_PROOF, FORBIDDEN for an identity without business at this door
 */
export async function signInByKey(
  options: HubOptions,
  { suite, chainId }: Chain,
  signer: Signer,
): Promise<Hub> {
  const stranger = connectHub(options);
  if (namesSomebody(options)) return stranger;
  const asked = await stranger.call("signInChallenge");
  const challenge = Buffer.from(asked.challenge, "base64url");
  const proof = { challenge, hub: Buffer.from(asked.hub, "hex") };
  const signed = encodeSignInProof(suite, signer, chainId, proof);
  const body = { proof: Buffer.from(signed).toString("base64url") };
  const { token } = await stranger.call("signInKey", { body });
  return connectHub(options, { token });
}
