import type { Bundler } from "../../objects/bundler.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly bundler: Pick<Bundler, "ofTransaction">;
}

/** Of a reading where `meter` and `timeMs` name one. Bytes of objects are in `objectBundle` only. */
export function transactionBundle({ bundler }: Deps): Endpoint<"transactionBundle"> {
  return ({ params, query: { meter, timeMs } }) => {
    const reading = meter === undefined || timeMs === undefined ? undefined : { meter, timeMs };
    return bundler.ofTransaction(Buffer.from(params.hash, "hex"), reading);
  };
}
