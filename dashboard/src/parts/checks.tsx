import type { Signal } from "@preact/signals";

interface ChecksProps<Value extends string> {
  readonly name: string;
  readonly options: readonly (readonly [value: Value, text: string])[];
  readonly chosen: Signal<readonly Value[]>;
}

/** Any number of a few options. */
export function Checks<Value extends string>({ name, options, chosen }: ChecksProps<Value>) {
  return (
    <fieldset class="checks">
      <legend>{name}</legend>
      {options.map(([value, text]) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={chosen.value.includes(value)}
            onChange={(event) => {
              const others = chosen.value.filter((one) => one !== value);
              chosen.value = event.currentTarget.checked ? [...others, value] : others;
            }}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
