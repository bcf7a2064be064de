import { objectWords } from "../../words/objects.ts";

const tones = { uploading: "warn", spooled: "idle", refused: "fault", final: "ok" } as const;

export function ObjectState({ state }: { readonly state: keyof typeof tones }) {
  return (
    <span class={`state tone-${tones[state]}`}>
      <span class="dot" aria-hidden="true" />
      <span>{objectWords.value.states[state]}</span>
    </span>
  );
}
