/** Events by HTTP, guide §4.3.4. */
export const webhookPaths = {
  webhooks: { method: "get", path: "/api/v1/webhooks", permission: "webhook.manage" },
  addWebhook: { method: "post", path: "/api/v1/webhooks", permission: "webhook.manage" },
  removeWebhook: {
    method: "delete",
    path: "/api/v1/webhooks/{id}",
    permission: "webhook.manage",
  },
  deadLetters: {
    method: "get",
    path: "/api/v1/webhooks/{id}/dead-letters",
    permission: "webhook.manage",
  },
  retryDeadLetters: {
    method: "post",
    path: "/api/v1/webhooks/{id}/dead-letters/retry",
    permission: "webhook.manage",
  },
} as const;
