type Attributes = Readonly<Record<string, string>>;

/** `name=value, name=value` */
export function formatAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** What is not `name=value` becomes a name without value, which the hub refuses by name. */
export function parseAttributes(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.trim());
  return Object.fromEntries(
    pairs
      .filter((pair) => pair !== "")
      .map((pair) => {
        const [name = "", ...value] = pair.split("=");
        return [name.trim(), value.join("=").trim()];
      }),
  );
}

/** The fields of a JSON object as `name=value, name=value`; anything else as it is. */
export function formatFields(json: string | null): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json ?? "");
  } catch {
    return json ?? "";
  }
  return isFields(parsed) ? fieldsText(parsed) : (json ?? "");
}

function isFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Fields within a field stand beside it; an empty one says nothing. */
function fieldsText(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => (isFields(value) ? fieldsText(value) : `${name}=${formatField(value)}`))
    .filter((text) => text !== "")
    .join(", ");
}

function formatField(value: unknown): string {
  if (Array.isArray(value)) return value.map(formatField).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
