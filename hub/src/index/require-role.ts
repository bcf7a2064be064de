import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { Directory } from "./directory.ts";

/** The identity id in hex. @throws Fault CONFIG_INVALID unless the channel knows it in this role */
export function requireRole(identity: Uint8Array, directory: Directory, role: Role): string {
  const id = formatHex(identity);
  const known = directory.find(id);
  if (known?.role === role) return id;
  const is = known === undefined ? "not an identity of this channel" : `a ${known.role}`;
  throw new Fault("CONFIG_INVALID", `the ${role} key is ${is}`);
}
