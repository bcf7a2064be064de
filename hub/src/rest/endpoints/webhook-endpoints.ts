import { formatAddress } from "@gridledger/protocol/contracts/address";
import type { WebhookState, Webhooks } from "../../webhooks/webhooks.ts";
import { bytesOf, hexOf } from "../contract-view.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

export interface WebhookDeps {
  readonly webhooks: Pick<Webhooks, "add" | "of" | "remove" | "deadLetters" | "retry">;
  readonly index: { readonly head: { readonly height: number } };
}

/** Everybody sees and changes their own. */
export function webhookEndpoints(deps: WebhookDeps) {
  return {
    webhooks: webhooks(deps),
    addWebhook: addWebhook(deps),
    removeWebhook: removeWebhook(deps),
    deadLetters: deadLetters(deps),
    retryDeadLetters: retryDeadLetters(deps),
  };
}

function webhooks({ webhooks: all }: WebhookDeps): Endpoint<"webhooks"> {
  return async ({ caller }) => ({ items: (await all.of(caller.subject.name)).map(view) });
}

function addWebhook({ webhooks: all, index }: WebhookDeps): Endpoint<"addWebhook"> {
  return async ({ body, caller }) => {
    const { url, alarms } = body;
    const address = body.address === undefined ? undefined : bytesOf(body.address);
    const topic = body.topic === undefined ? undefined : bytesOf(body.topic);
    const fromHeight = body.fromHeight ?? index.head.height + 1;
    const wanted = { url, alarms, address, topic, fromHeight };
    const { state, secret } = await all.add(caller.subject.name, wanted);
    return { webhook: view(state), secret };
  };
}

function removeWebhook({ webhooks: all }: WebhookDeps): Endpoint<"removeWebhook"> {
  return async ({ params, caller }) => {
    await all.remove(caller.subject.name, params.id);
    return { removed: true };
  };
}

/** The cursor is the position with which the next page begins. */
function deadLetters({ webhooks: all }: WebhookDeps): Endpoint<"deadLetters"> {
  return async ({ params, query: { limit, cursor }, caller }) => {
    const [from = 0] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const page = { limit: limit + 1, from };
    const rows = await all.deadLetters(caller.subject.name, params.id, page);
    const { items } = cut(rows, limit);
    const after = rows[limit];
    return {
      items: items.map(({ event, type, data, tries, lastError, deadMs }) => {
        return { event, type, data: JSON.parse(data), tries, lastError, deadMs: deadMs ?? 0 };
      }),
      next: after === undefined ? null : String(after.position),
    };
  };
}

function retryDeadLetters({ webhooks: all }: WebhookDeps): Endpoint<"retryDeadLetters"> {
  return async ({ params, caller }) => ({
    retried: await all.retry(caller.subject.name, params.id),
  });
}

function view({ webhook, waiting, dead, lastError }: WebhookState) {
  const { id, url, address, topic, alarms, createdMs } = webhook;
  return {
    ...{ id, url, alarms, createdMs, waiting, dead, lastError },
    address: address === undefined ? null : formatAddress(address),
    topic: topic === undefined ? null : hexOf(topic),
  };
}
