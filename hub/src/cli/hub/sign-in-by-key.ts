import { encodeSignInProof } from "@gridledger/protocol/access/sign-in-proof";
import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { readSigningKey, type SigningKey, signingKeys } from "../signing/signing-key.ts";
import { connectHub, type Hub, type HubOptions, namesSomebody } from "./connect.ts";

interface SignedIn {
  readonly hub: Hub;
  readonly key: SigningKey;
}

/**
 * The hub, signed in as whom the options name, else with the key of an enrolled identity: one key is then
 * enough for a person or a program.
 *
 * @param path of the key
 * @throws Fault SIGN_IN_PROOF, FORBIDDEN for an identity without business at this door, KEY_*
 */
export async function signInByKey(
  options: HubOptions,
  chain: Chain,
  path: string,
): Promise<SignedIn> {
  const stranger = connectHub(options);
  if (namesSomebody(options)) {
    return { hub: stranger, key: await readSigningKey(stranger, chain, path) };
  }
  let refused = new Fault("SIGN_IN_PROOF");
  for (const open of await signingKeys(stranger, chain, path)) {
    const key = await open();
    try {
      return { hub: connectHub(options, await tokenOf(stranger, chain, key)), key };
    } catch (thrown) {
      refused = asFault(thrown);
      // Another of the pages may be the one of now.
      if (refused.code !== "SIGN_IN_PROOF") throw refused;
    }
  }
  throw refused;
}

async function tokenOf(stranger: Hub, { chainId }: Chain, { suite, signer, id }: SigningKey) {
  const asked = await stranger.call("signInChallenge");
  const challenge = Buffer.from(asked.challenge, "base64url");
  const proof = { challenge, hub: Buffer.from(asked.hub, "hex") };
  const signed = encodeSignInProof(suite, signer, chainId, proof, id);
  const body = { proof: Buffer.from(signed).toString("base64url") };
  const { token } = await stranger.call("signInKey", { body });
  return { token };
}
