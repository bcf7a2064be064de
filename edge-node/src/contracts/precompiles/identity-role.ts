import { accounts } from "@gridledger/protocol/contracts/account";
import { boundAccounts } from "@gridledger/protocol/contracts/account-binding";
import { addressOf } from "@gridledger/protocol/contracts/address";
import { equalBytes } from "@gridledger/protocol/hex";
import { type Role, roles } from "@gridledger/protocol/ledger/roles";
import { identities } from "@gridledger/protocol/ledger/state";
import { AbiWords, selectorOf, words } from "./abi-words.ts";
import type { Precompile, PrecompilePlace } from "./precompile.ts";

const ROLE_OF = selectorOf("roleOf(address)");

/**
 * 0x0a03: `roleOf(address) returns (uint256)`, the number of the role (`ledger/roles`) that the channel
 * gives the account's identity; 0 for contracts and for accounts that never sent anything. With it a
 * contract can permit by role (guide §4.3.2).
 */
export const identityRole: Precompile = {
  number: 0x0a03,
  gas: () => 2_600,
  run(data, place) {
    const call = new AbiWords(data);
    const address = call.address(0);
    if (call.selector !== ROLE_OF || address === undefined) return undefined;
    const role = roleOf(address, place);
    return words(role === undefined ? 0 : roles[role]);
  },
};

function roleOf(address: Uint8Array, { state, sender, hash }: PrecompilePlace): Role | undefined {
  const { identity } = sender();
  if (equalBytes(address, addressOf(hash, identity.publicKey))) return identity.role;
  const bound = state().get(boundAccounts, address);
  if (bound !== undefined && !bound.isReleased) {
    return state().get(identities, bound.identityId)?.role;
  }
  const account = state().get(accounts, address);
  if (account === undefined || account.codeHash.length > 0) return undefined;
  return state().get(identities, account.identityId)?.role;
}
