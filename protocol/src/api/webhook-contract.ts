import { z } from "zod";
import { address, count, pageQuery } from "./shapes.ts";

const topic = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
const params = z.object({ id: z.string().regex(/^[A-Za-z0-9]{12}$/) });

const webhook = z.object({
  id: z.string(),
  url: z.string(),
  address: address.nullable(),
  topic: topic.nullable(),
  alarms: z.boolean(),
  createdMs: count,
  /** Queued and not told yet. */
  waiting: count,
  /** Given up: the dead letters. */
  dead: count,
  lastError: z.string().nullable(),
});

const deadLetter = z.object({
  /** As in the header `webhook-id`. */
  event: z.string(),
  type: z.string(),
  data: z.unknown(),
  tries: count,
  lastError: z.string().nullable(),
  deadMs: count,
});

/** Events of contracts and alarms by HTTP, guide §4.3.4. */
export const webhookContract = {
  webhooks: { summary: "The caller's webhooks", answer: z.object({ items: z.array(webhook) }) },
  addWebhook: {
    summary: "Be told of logs and alarms by HTTP; answers the secret that signs, this once",
    body: z.object({
      url: z.string().max(2_048),
      /** Logs of this contract only. */
      address: address.optional(),
      /** Logs with this first topic only. */
      topic: topic.optional(),
      /** Alarms of the hub as well. */
      alarms: z.boolean().default(false),
      /** Begins with the logs of this block; without it with what comes from now on. */
      fromHeight: count.optional(),
    }),
    answer: z.object({ webhook, secret: z.string() }),
  },
  removeWebhook: {
    summary: "Tell it nothing more, and forget what waits",
    params,
    answer: z.object({ removed: z.literal(true) }),
  },
  deadLetters: {
    summary: "Events that the receiver would not take, oldest first",
    params,
    query: pageQuery,
    answer: z.object({ items: z.array(deadLetter), next: z.string().nullable() }),
  },
  retryDeadLetters: {
    summary: "Try all dead letters again",
    params,
    answer: z.object({ retried: count }),
  },
} as const;
