import { formatAddress } from "@gridledger/protocol/contracts/address";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import type { ProvenContract } from "@gridledger/protocol/contracts/verify-proof";
import { formatHex } from "@gridledger/protocol/hex";
import { formatTime, type OutputOptions, printAnswer } from "../output.ts";

/** What a verified proof about a contract says. */
export function printContractProof(
  file: string,
  proven: ProvenContract,
  options: OutputOptions,
): void {
  const { height, timeMs } = proven.header;
  const said = "account" in proven ? accountOf(proven.account) : receiptOf(proven.receipt);
  printAnswer(options, { verified: true, height, blockTimeMs: timeMs, ...said }, () => [
    `Verified: ${file}`,
    `A quorum of its height's validators made block ${height} final, dated ${formatTime(timeMs)}; in it:`,
    ...Object.entries(said).map(([name, value]) => `  ${name}: ${value}`),
  ]);
}

type Account = Extract<ProvenContract, { account: unknown }>["account"];
type Receipt = Extract<ProvenContract, { receipt: unknown }>["receipt"];

function accountOf({ address, account, storageRoot, slot }: Account) {
  return {
    address: formatAddress(address),
    exists: account !== undefined,
    storageRoot: formatHex(storageRoot),
    ...(slot && { slot: `0x${formatHex(slot.slot)}`, value: `0x${formatHex(slot.value)}` }),
  };
}

function receiptOf({ index, outcome, gasUsed, contract, output, logs }: Receipt) {
  const reason = revertReason(output);
  return {
    ...{ index, outcome, gasUsed, logs: logs.length },
    output: `0x${formatHex(output)}`,
    ...(contract && { contract: formatAddress(contract) }),
    ...(reason !== undefined && { reason }),
  };
}
