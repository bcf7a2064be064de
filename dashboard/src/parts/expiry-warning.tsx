import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api, may } from "../state/session.ts";
import { Time } from "./time.tsx";

const DAYS = 30;
const MAX_SHOWN = 12;

/** What ends soon and was not renewed; nothing where all is well. */
export function ExpiryWarning({ revision }: { readonly revision: string }) {
  const { certificates: name } = words.value;
  const isAsked = may("certificate.read");
  const { data } = useResource(
    `expiry ${isAsked}`,
    () =>
      isAsked
        ? api.call("certificates", { query: { endsWithinDays: DAYS } })
        : Promise.resolve({ items: [], next: null }),
    revision,
  );
  if (data === null || data.items.length === 0) return null;
  const soonest = data.items.toSorted((a, b) => a.notAfterMs - b.notAfterMs);
  return (
    <div class="notice attention" role="status">
      <p class="notice-title">{name.endSoon(String(data.items.length), String(DAYS))}</p>
      <ul>
        {soonest.slice(0, MAX_SHOWN).map((one) => (
          <li key={one.serial}>
            {one.name} · {name.purposes[one.purpose]} · <Time ms={one.notAfterMs} as="full" />
          </li>
        ))}
      </ul>
      <p>{name.endNote}</p>
    </div>
  );
}
