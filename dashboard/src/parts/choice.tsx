interface ChoiceProps<Value extends string> {
  readonly name: string;
  readonly options: readonly (readonly [value: Value, text: string])[];
  readonly chosen: Value;
  readonly choose: (value: Value) => void;
}

/** A few options side by side, one pressed. */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  return (
    <fieldset class="choice">
      <legend>{props.name}</legend>
      {props.options.map(([value, text]) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.chosen}
          onClick={() => props.choose(value)}
        >
          {text}
        </button>
      ))}
    </fieldset>
  );
}

/** Many options in a list. */
export function Select<Value extends string>(props: ChoiceProps<Value>) {
  return (
    <label class="select">
      <span>{props.name}</span>
      <select
        value={props.chosen}
        onChange={(event) => props.choose(event.currentTarget.value as Value)}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
