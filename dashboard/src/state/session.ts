import type { Permission } from "@gridledger/protocol/api/access";
import { ApiClient } from "@gridledger/protocol/api/client";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { computed, signal } from "@preact/signals";

type Session = RouteAnswer<"session">;

/** Null until the hub has said who we are. */
export const session = signal<Session | null>(null);

/** Whether the hub has been asked who we are, answered or not. */
export const sessionAsked = signal(false);

/** Whether ledger data may be asked for; where the hub has not answered, try. */
export const mayRead = computed(() => session.value === null || may("ledger.read"));

/** Whether the caller may do this, for some resource at least: what nobody may do is not offered. */
export function may(permission: Permission): boolean {
  return session.value?.permissions.includes(permission) ?? false;
}

/** Whether the one-time password prompt was put off for now. */
export const promptSkipped = signal(false);

export const api = new ApiClient({
  baseUrl: "",
  headers: (): Record<string, string> => {
    const token = session.peek()?.csrfToken;
    return token ? { "x-csrf-token": token } : {};
  },
});

/** Never rejects: a hub that cannot be reached is the live connection's matter. */
export async function loadSession(): Promise<void> {
  try {
    session.value = await api.call("session");
  } catch {
    // What was known stays.
  }
  sessionAsked.value = true;
}

export async function signIn(user: string, password: string): Promise<void> {
  promptSkipped.value = false;
  session.value = await api.call("signIn", { body: { user, password } });
}

export async function signOut(): Promise<void> {
  session.value = await api.call("signOut");
}

export async function changePassword(current: string, next: string): Promise<void> {
  session.value = await api.call("changePassword", { body: { current, next } });
}
