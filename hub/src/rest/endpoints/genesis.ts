import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly chain: Pick<Chain, "chainId" | "encoded">;
}

export function genesis({ chain }: Deps): Endpoint<"genesis"> {
  const chainId = formatHex(chain.chainId);
  const encoded = Buffer.from(chain.encoded).toString("base64url");
  return ({ reply }) => {
    reply.immutable(chainId);
    return { chainId, encoded };
  };
}
