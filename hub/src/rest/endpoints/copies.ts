import type { CopyHolders } from "../../objects/copies/copy-holders.ts";
import type { CopyService } from "../../objects/copies/copy-service.ts";
import { ownerOf } from "../../objects/copies/copy-table.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly copies: {
    readonly holders: Pick<CopyHolders, "all" | "isLost">;
    readonly service: Pick<CopyService, "summary">;
  };
}

export function copies({ copies: { holders, service } }: Deps): Endpoint<"copies"> {
  return async () => ({
    ...(await service.summary()),
    holders: (await holders.all()).map((one) => {
      const { id, store } = ownerOf(one.called);
      const { identity, capacityBytes } = one;
      const lost = holders.isLost(one);
      return { holder: id, name: identity.name, store: store || null, capacityBytes, lost };
    }),
  });
}
