import { accounts, codes } from "../contracts/account.ts";
import { keccak256 } from "../contracts/keccak.ts";
import { IDENTITY_ID_BYTES, identityId } from "../crypto/identity-id.ts";
import { StateTree } from "../merkle/state-tree.ts";
import type { Chain } from "./genesis.ts";
import { identities, stateKey } from "./state.ts";

/** The state before block 1: the identities and the contracts of the genesis. */
export function genesisState({ genesis, suite }: Chain): StateTree {
  let tree = new StateTree(suite.hash);
  // Guide §4.3.5: of nobody, nothing created yet.
  for (const { address, code } of genesis.contracts?.placed ?? []) {
    const codeHash = keccak256(code);
    const account = { nonce: 1, codeHash, identityId: new Uint8Array(IDENTITY_ID_BYTES) };
    tree = tree.set(stateKey(accounts.keyOf(address)), accounts.encode(account));
    tree = tree.set(stateKey(codes.keyOf(codeHash)), codes.encode(code));
  }
  for (const identity of genesis.identities) {
    const key = identities.keyOf(identityId(suite.hash, identity.publicKey));
    tree = tree.set(stateKey(key), identities.encode(identity));
  }
  return tree;
}
