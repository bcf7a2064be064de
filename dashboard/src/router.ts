import { signal } from "@preact/signals";

/** The path shown, still percent-encoded. */
export const path = signal(location.pathname);

/** Where a person came from within the console, to go back to after signing in. */
let cameFrom = "/";

export function navigate(to: string): void {
  cameFrom = path.peek();
  history.pushState(null, "", to);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Puts another page in the place of this one, unless a person has left it meanwhile. */
export function redirect(from: string, to: string): void {
  if (matchPath(from, path.peek()) === null) return;
  history.replaceState(null, "", to);
  path.value = location.pathname;
}

export function navigateBack(): void {
  navigate(cameFrom);
}

/** Follows the browser's history and turns clicks on the console's own links into navigation. */
export function startRouter(): void {
  addEventListener("popstate", () => {
    path.value = location.pathname;
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || event.defaultPrevented || !isPlainClick(event)) return;
    if (link.origin !== location.origin || link.target !== "" || link.hasAttribute("download")) {
      return;
    }
    if (link.hash !== "" || link.pathname.startsWith("/api/")) return;
    event.preventDefault();
    navigate(link.pathname);
  });
}

/** The parameters of `/blocks/{height}` in a path, decoded; null where the pattern does not fit. */
export function matchPath(pattern: string, actual: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = actual.replace(/(.)\/$/, "$1").split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith("{")) params[part.slice(1, -1)] = decode(value);
    else if (part !== value) return null;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
}
