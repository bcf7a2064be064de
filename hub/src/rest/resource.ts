import type { Attributes } from "@gridledger/protocol/access/rules";
import { type RouteName, type RoutePath, routePaths } from "@gridledger/protocol/api/paths";

type Parts = Readonly<Record<"params" | "query" | "body", unknown>>;

/** The attributes of what a request is about, from where the table says; `{}` for a route that tells none. */
export function resourceOf(name: RouteName, parts: Parts): Attributes {
  const route: RoutePath = routePaths[name];
  const told = Object.entries(route.resource ?? {}).flatMap(([attribute, from]) => {
    const [side, key = ""] = from.split(".") as [keyof Parts, string];
    const value = (parts[side] as Readonly<Record<string, unknown>> | undefined)?.[key];
    return typeof value === "string" ? [[attribute, value] as const] : [];
  });
  return Object.fromEntries(told);
}
