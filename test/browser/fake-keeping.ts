import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { RouteName } from "@gridledger/protocol/api/paths";

const party = (digit: string, name: string) => ({ id: digit.repeat(20), name });
const publicKey = `02${"ab".repeat(32)}`;
const custodians = (["North", "East", "South"] as const).map((organisation, index) => {
  const id = party(String(index + 1), `custodian-${index + 1}`);
  return { ...id, place: index + 1, organisation };
});
const key = { publicKey, label: "archive 2026", owner: party("a", "gateway-1"), threshold: 2 };

const request: RouteAnswer<"recoveryRequests">["items"][number] = {
  ...{ ...key, id: "5d".repeat(16), requester: party("b", "operator"), askedBy: "wang.li" },
  ...{ recipientKey: publicKey, reason: "disk lost", legalBasis: "contract §7" },
  ...{ createdMs: Date.now(), expiresMs: Date.now() + 86_400_000, state: "open" },
  custodians: custodians.map((one) => {
    return { ...one, share: one.place === 1 ? "released" : "waiting" };
  }),
  waiting: "release",
};

/** What the hub says about kept keys. */
export const fakeKeeping: Partial<Record<RouteName, () => unknown>> = {
  recoveryKeys: () => ({ items: [{ ...key, custodians, createdMs: Date.now(), height: 7 }] }),
  recoveryRequests: () => ({ items: [request] }),
  recoveryNotices: () => ({
    items: [
      {
        ...{ position: 1, timeMs: Date.now(), what: "asked", publicKey, label: key.label },
        ...{ request: request.id, by: request.requester, detail: "disk lost (contract §7)" },
      },
    ],
  }),
};
