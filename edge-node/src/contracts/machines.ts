import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { ContractMachine } from "./contract-machine.ts";

const machines = new WeakMap<Chain, ContractMachine>();

/** The channel's machine; it is loaded when the first contract of the channel runs. */
export function machineOf(chain: Chain): ContractMachine {
  const known = machines.get(chain);
  if (known !== undefined) return known;
  const machine = new ContractMachine(chain);
  machines.set(chain, machine);
  return machine;
}
