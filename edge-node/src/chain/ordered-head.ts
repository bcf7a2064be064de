import { Fault } from "@gridledger/protocol/faults";
import { type BreakGlass, checkOrderHead } from "@gridledger/protocol/governance/break-glass";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import { validatorsHash } from "@gridledger/protocol/ledger/validators";
import type { PreparedTransaction } from "../state/prepared-transaction.ts";
import type { Head } from "./head.ts";

/** The head with the set that a verified order names in place of its own, where the order is for it. */
export function orderedHead(chain: Chain, head: Head, document: BreakGlass | undefined): Head {
  if (document === undefined || checkOrderHead(document, head) !== undefined) return head;
  const { validators } = document.order;
  const set = { validators, hash: validatorsHash(chain.suite.hash, validators) };
  return { ...head, validators: set, breakGlass: document };
}

/** The head under which a block of another set can stand: the one of the order that it brings. */
export function headFor(
  chain: Chain,
  head: Head,
  header: Header,
  transactions: readonly PreparedTransaction[],
): Head {
  if (equalBytes(header.validatorsHash, head.validators.hash)) return head;
  const bringing = transactions.find(({ operation }) => operation.breakGlass !== undefined);
  return orderedHead(chain, head, bringing?.operation.breakGlass);
}

/** The first block of an ordered set holds the order, so that the change is on record for ever. */
export function checkOrderHeld(
  { breakGlass }: Head,
  transactions: readonly PreparedTransaction[],
): Fault | undefined {
  if (breakGlass === undefined) return undefined;
  const { encodedOrder } = breakGlass;
  const holds = transactions.some(
    ({ operation }) =>
      operation.breakGlass !== undefined &&
      equalBytes(operation.breakGlass.encodedOrder, encodedOrder),
  );
  return holds ? undefined : new Fault("BREAK_GLASS_MISSING");
}
