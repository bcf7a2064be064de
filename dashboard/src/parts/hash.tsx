import { useSignal } from "@preact/signals";
import { words } from "../state/language.ts";

/** A hash shortened for the eye; its whole text is in the title. */
export function ShortHash({ text }: { readonly text: string }) {
  return (
    <code class="hash" title={text}>
      {text.length > 16 ? `${text.slice(0, 8)}…${text.slice(-6)}` : text}
    </code>
  );
}

/** A whole hash with a button that copies it. */
export function CopyHash({ text, name }: { readonly text: string; readonly name: string }) {
  return (
    <span class="copy-hash">
      <code class="hash whole">{text}</code>
      <CopyButton text={text} name={name} />
    </span>
  );
}

export function CopyButton({ text, name }: { readonly text: string; readonly name: string }) {
  const copied = useSignal(false);
  const { common } = words.value;
  const copy = async () => {
    await writeClipboard(text);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 2000);
  };
  return (
    <button type="button" class="small" aria-label={`${common.copy}: ${name}`} onClick={copy}>
      <span aria-live="polite">{copied.value ? common.copied : common.copy}</span>
    </button>
  );
}

/** `navigator.clipboard` exists on https and localhost only; a hub on the office network may have neither. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
