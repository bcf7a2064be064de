import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";

interface FieldProps {
  readonly name: string;
  readonly text: Signal<string>;
  readonly hint?: string;
  readonly type?: "text" | "password";
  readonly autocomplete: "off" | "username" | "current-password" | "new-password";
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly isWrong?: boolean;
  readonly isOptional?: boolean;
}

export function Field({
  name,
  text,
  hint,
  type,
  isWrong = false,
  isOptional = false,
  ...input
}: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <input
        {...input}
        // Preact's types tie roles to each type and take no union of them.
        type={(type ?? "text") as "text"}
        id={id}
        required={!isOptional}
        spellcheck={false}
        value={text.value}
        aria-invalid={isWrong}
        {...(hint && { "aria-describedby": `${id}-hint` })}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
