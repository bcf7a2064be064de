import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { words } from "./language.ts";

interface FileFieldProps {
  /** Of the file that is shown. */
  readonly name: string | undefined;
  readonly onFile: (file: Blob | string, name: string) => void;
}

/** Drop, choose or paste. */
export function FileField({ name, onFile }: FileFieldProps) {
  const { file: text } = words.value;
  const isOver = useSignal(false);
  const isPasting = useSignal(false);
  const take = (given: File | undefined) => given && onFile(given, given.name);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    isOver.value = false;
    take(event.dataTransfer?.files[0]);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    isOver.value = true;
  };
  return (
    <section
      class={`drop${isOver.value ? " over" : ""}${name === undefined ? "" : " filled"}`}
      aria-labelledby="file-heading"
      onDrop={drop}
      onDragOver={over}
      onDragLeave={() => (isOver.value = false)}
    >
      <div>
        <h2 id="file-heading">{name ?? text.drop}</h2>
        <p class="muted">{text.or}</p>
      </div>
      <p class="buttons">
        <Chooser label={name === undefined ? text.choose : text.again} onFile={take} isPrimary />
        <button
          type="button"
          aria-expanded={isPasting.value}
          onClick={() => (isPasting.value = !isPasting.value)}
        >
          {text.paste}
        </button>
      </p>
      {isPasting.value && <PasteField onText={(pasted) => onFile(pasted, text.pasted)} />}
    </section>
  );
}

interface ChooserProps {
  readonly label: string;
  readonly onFile: (file: File | undefined) => void;
  readonly isPrimary?: boolean;
}

/** A button that opens the system's file chooser. */
export function Chooser({ label, onFile, isPrimary = false }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null);
  const choose = () => {
    onFile(input.current?.files?.[0]);
    if (input.current !== null) input.current.value = "";
  };
  return (
    <>
      <button
        type="button"
        class={isPrimary ? "primary" : ""}
        onClick={() => input.current?.click()}
      >
        {label}
      </button>
      <input ref={input} type="file" hidden aria-label={label} onChange={choose} />
    </>
  );
}

function PasteField({ onText }: { readonly onText: (text: string) => void }) {
  const { file: text } = words.value;
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <div class="paste">
      <label for="paste">{text.pasteLabel}</label>
      <textarea id="paste" ref={field} rows={6} spellcheck={false} />
      <button type="button" onClick={() => onText(field.current?.value ?? "")}>
        {text.verifyText}
      </button>
    </div>
  );
}
