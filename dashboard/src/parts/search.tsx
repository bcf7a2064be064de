import type { Signal } from "@preact/signals";

interface SearchProps {
  readonly name: string;
  readonly text: Signal<string>;
  readonly onInput?: () => void;
}

export function Search({ name, text, onInput }: SearchProps) {
  return (
    <input
      type="search"
      aria-label={name}
      placeholder={name}
      value={text.value}
      onInput={({ currentTarget }) => {
        text.value = currentTarget.value;
        onInput?.();
      }}
    />
  );
}
