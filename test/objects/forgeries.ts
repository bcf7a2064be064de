/** A file with one field that is not as it was. */
export interface Forgery {
  readonly what: string;
  readonly forged: () => unknown;
}

/** What an added key is called. */
const STRANGE = "strange";

/** Each leaf of a file changed in turn, in so many places, and one key more in each of its objects. */
export function forgeriesOf(file: unknown, places = 3): Forgery[] {
  const changed = leavesOf(file).flatMap((path) =>
    changesOf(at(file, path), places).map((change) => ({
      what: `${path.join(".")} changed`,
      forged() {
        const copy = structuredClone(file);
        at(copy, path.slice(0, -1))[path.at(-1)!] = change;
        return copy;
      },
    })),
  );
  const longer = branchesOf(file).map((path) => ({
    what: `${path.join(".")} with one more`,
    forged() {
      const copy = structuredClone(file);
      at(copy, path)[STRANGE] = {};
      return copy;
    },
  }));
  return [...changed, ...longer];
}

type Tree = { [key: string]: Tree };

function at(tree: unknown, path: readonly string[]): Tree {
  return path.reduce<Tree>((inner, key) => inner[key]!, tree as Tree);
}

/** The path of every value that is no list and no object. */
function leavesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

/** The path of every object. */
function branchesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, one]) => branchesOf(one, [...path, key]));
  return Array.isArray(value) ? inner : [[...path], ...inner];
}

function changesOf(value: unknown, places: number): Tree[] {
  if (typeof value === "number") return [value + 1] as unknown as Tree[];
  const text = String(value);
  const flip = (i: number) =>
    `${text.slice(0, i)}${text[i] === "1" ? "2" : "1"}${text.slice(i + 1)}` as unknown as Tree;
  return text === "" ? [] : spread(text.length, places).map(flip);
}

/** From the first place to the last, evenly. */
function spread(length: number, places: number): number[] {
  const last = places - 1;
  const all = Array.from({ length: places }, (_, i) => Math.floor((i * (length - 1)) / last));
  return [...new Set(all)];
}
