import { resolve } from "node:path";
import { Fault } from "@gridledger/protocol/faults";

/**
 * Reads one JSON object of the configuration key by key. What is missing, wrong or not asked for is a
 * CONFIG_INVALID that names its place, e.g. `sources[0].port`.
 */
export class ConfigReader {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #place: string;
  readonly #folder: string;
  readonly #asked = new Set<string>();

  /** @param folder relative paths are read from here */
  constructor(value: unknown, place: string, folder: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Fault("CONFIG_INVALID", `${place || "the configuration"} must be an object`);
    }
    this.#object = value as Record<string, unknown>;
    this.#place = place;
    this.#folder = folder;
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return this.#object[name] !== undefined;
  }

  text(name: string, fallback?: string): string {
    const value = this.#value(name, fallback);
    if (typeof value !== "string" || value === "") this.#refuse(name, "must be text");
    return value;
  }

  oneOf<Name extends string>(name: string, names: readonly Name[], fallback?: Name): Name {
    const value = this.text(name, fallback);
    const found = names.find((known) => known === value);
    return found ?? this.#refuse(name, `must be one of ${names.join(", ")}`);
  }

  /** An absolute path. */
  path(name: string, fallback?: string): string {
    return resolve(this.#folder, this.text(name, fallback));
  }

  integer(name: string, range: readonly [min: number, max: number], fallback?: number): number {
    const value = this.number(name, range, fallback);
    if (!Number.isInteger(value)) this.#refuse(name, "must be a whole number");
    return value;
  }

  number(name: string, [min, max]: readonly [number, number], fallback?: number): number {
    const value = this.#value(name, fallback);
    if (typeof value !== "number" || !(value >= min && value <= max)) {
      this.#refuse(name, `must be a number from ${min} to ${max}`);
    }
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#value(name, fallback);
    if (typeof value !== "boolean") this.#refuse(name, "must be true or false");
    return value;
  }

  texts(name: string, fallback?: readonly string[]): string[] {
    const value = this.#value(name, fallback);
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      this.#refuse(name, "must be a list of texts");
    }
    return value;
  }

  paths(name: string): string[] {
    return this.texts(name).map((path) => resolve(this.#folder, path));
  }

  object(name: string): ConfigReader {
    return new ConfigReader(this.#value(name, {}), this.#placeOf(name), this.#folder);
  }

  objects(name: string): ConfigReader[] {
    const value = this.#value(name, []);
    if (!Array.isArray(value)) this.#refuse(name, "must be a list");
    return value.map(
      (item, i) => new ConfigReader(item, `${this.#placeOf(name)}[${i}]`, this.#folder),
    );
  }

  /** Refuses keys that nobody asked for: a misspelt option must not be ignored. */
  end(): void {
    const unknown = Object.keys(this.#object).find((name) => !this.#asked.has(name));
    if (unknown !== undefined) this.#refuse(unknown, "is not an option");
  }

  #value(name: string, fallback: unknown): unknown {
    this.#asked.add(name);
    const value = this.#object[name] ?? fallback;
    if (value === undefined) this.#refuse(name, "is missing");
    return value;
  }

  #placeOf(name: string): string {
    return this.#place === "" ? name : `${this.#place}.${name}`;
  }

  #refuse(name: string, detail: string): never {
    throw new Fault("CONFIG_INVALID", `${this.#placeOf(name)} ${detail}`);
  }
}
