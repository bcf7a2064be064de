import { Fault } from "../faults.ts";
import { normaliseDecimal } from "./decimal.ts";

const MAX_DEPTH = 128;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * One text for one JSON value (RFC 8259), whatever a database makes of spaces, the order of members
 * and the writing of numbers. Numbers stay exact, which RFC 8785 would not let them: `1.0` is `1`,
 * and 12345678901234567891 is not its neighbour. Of members with one name the last counts.
 *
 * @throws Fault ROW_VALUE
 */
export function canonicalJson(text: string): string {
  const reader = new JsonText(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class JsonText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): string {
    if (depth > MAX_DEPTH) throw notJson();
    this.#space();
    const first = this.#text[this.#at];
    if (first === "{") return this.#members(depth);
    if (first === "[") return this.#items(depth);
    if (first === '"') return JSON.stringify(this.#string());
    for (const word of ["true", "false", "null"]) if (this.#takes(word)) return word;
    const number = normaliseDecimal(this.#match(NUMBER));
    if (number === undefined) throw notJson();
    return number;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw notJson();
  }

  #members(depth: number): string {
    const members = new Map<string, string>();
    this.#at++;
    this.#space();
    if (this.#takes("}")) return "{}";
    do {
      this.#space();
      const name = this.#string();
      this.#space();
      this.#expect(":");
      members.set(name, this.value(depth + 1));
      this.#space();
    } while (this.#takes(","));
    this.#expect("}");
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
  }

  #items(depth: number): string {
    const items: string[] = [];
    this.#at++;
    this.#space();
    if (this.#takes("]")) return "[]";
    do {
      items.push(this.value(depth + 1));
      this.#space();
    } while (this.#takes(","));
    this.#expect("]");
    return `[${items.join(",")}]`;
  }

  #string(): string {
    const begin = this.#at;
    if (this.#text[begin] !== '"') throw notJson();
    let end = begin + 1;
    while (end < this.#text.length && this.#text[end] !== '"') {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(begin, this.#at));
    } catch {
      throw notJson();
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) throw notJson();
    this.#at += found.length;
    return found;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw notJson();
  }
}

function notJson(): Fault {
  return new Fault("ROW_VALUE", "not JSON");
}
