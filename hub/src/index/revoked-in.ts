import { formatHex } from "@gridledger/protocol/hex";
import type { Directory } from "./directory.ts";
import type { ParsedBlock } from "./parse-block.ts";

/** Identity ids in hex of those that these blocks revoke, alone or with their authority. */
export function revokedIn(blocks: readonly ParsedBlock[], directory: Directory): string[] {
  return blocks
    .flatMap(({ transactions }) => transactions.flatMap(({ certificates }) => certificates ?? []))
    .flatMap(({ action, identityId: id, certificateKey }) => {
      if (action === "closed") return directory.under(certificateKey);
      return action === "revoked" ? [formatHex(id)] : [];
    });
}
