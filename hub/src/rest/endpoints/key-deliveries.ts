import { formatHex } from "@gridledger/protocol/hex";
import type { KeyDeliveries } from "../../delivery/key-deliveries.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly recovery: { readonly deliveries: KeyDeliveries };
}

export function deliverKey({ recovery }: Deps): Endpoint<"deliverKey"> {
  return async ({ body: { recipientKey, ...order }, caller }) => {
    const sealTo = recipientKey === undefined ? undefined : Buffer.from(recipientKey, "base64url");
    const wanted = { ...order, recipientKey: sealTo };
    const { publicKey, ...made } = await recovery.deliveries.make(wanted, caller.subject.name);
    return { ...made, publicKey: formatHex(publicKey) };
  };
}

/** A stranger is known by address: the id is the right to it. */
export function fetchKey({ recovery }: Deps): Endpoint<"fetchKey"> {
  return async ({ params: { id }, caller }) => {
    const actor = caller.subject.name || caller.address;
    const { form, purpose, publicKey, content } = await recovery.deliveries.fetch(id, actor);
    const text = Buffer.from(content).toString("base64url");
    return { form, purpose, publicKey: formatHex(publicKey), content: text };
  };
}
