import type { RouteAnswer, RouteInput } from "@gridledger/protocol/api/contract";
import { useSignal, useSignalEffect } from "@preact/signals";
import { formatCount } from "../format/number.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Select } from "./choice.tsx";
import { Field } from "./field.tsx";
import { Refusal } from "./refusal.tsx";
import { useSubmit } from "./use-submit.ts";

type Role = RouteInput<"enrol">["body"]["role"];

interface Enrolled {
  readonly name: string;
  readonly hash: string;
  /** Null while the enrolment waits for its block. */
  readonly height: number | null;
}

export function EnrolForm() {
  const { identities: word } = words.value;
  const name = useSignal("");
  const role = useSignal<Role>("device");
  const publicKey = useSignal("");
  const enrolled = useSignal<Enrolled | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    enrolled.value = null;
    const body = { name: name.value.trim(), role: role.value, publicKey: publicKey.value.trim() };
    const answer = await api.call("enrol", { body });
    enrolled.value = { name: body.name, ...heightOf(answer) };
    name.value = publicKey.value = "";
  });
  useSignalEffect(() => {
    if (headHeight.value !== null && enrolled.value?.height === null) {
      void follow(enrolled.value.hash, (height) => {
        enrolled.value = enrolled.value && { ...enrolled.value, height };
      });
    }
  });
  const roles = (["device", "application", "operator"] as const).map(
    (one) => [one, word.roles[one]] as const,
  );
  return (
    <form onSubmit={submit}>
      <p class="muted">{word.enrolNote}</p>
      {error !== null && <Refusal error={error} />}
      <Field name={word.name} text={name} maxLength={64} autocomplete="off" />
      <Select
        name={word.role}
        options={roles}
        chosen={role.value}
        choose={(one) => (role.value = one)}
      />
      <Field
        name={word.publicKey}
        text={publicKey}
        hint={word.publicKeyHint}
        pattern="[A-Za-z0-9_\-]{44}"
        autocomplete="off"
      />
      <button type="submit" class="primary" disabled={busy}>
        {busy ? word.busy : word.submit}
      </button>
      <p role="status">{enrolled.value && sentence(enrolled.value)}</p>
    </form>
  );
}

function heightOf({ hash, state, height }: RouteAnswer<"enrol">): Omit<Enrolled, "name"> {
  return { hash, height: state === "final" ? height : null };
}

/** Asks, as blocks come, whether the enrolment is final; a failed question is asked again with the next block. */
async function follow(hash: string, done: (height: number) => void): Promise<void> {
  try {
    const { state, height } = await api.call("transaction", { params: { hash } });
    if (state === "final" && height !== null) done(height);
  } catch {
    // The next block asks again.
  }
}

function sentence({ name, height }: Enrolled): string {
  const { identities: word } = words.value;
  return height === null ? word.waiting(name) : word.done(name, formatCount(height));
}
