import { type Permission, permissionNames } from "@gridledger/protocol/api/access";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { language, words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Select } from "./choice.tsx";
import { Field } from "./field.tsx";
import { Refusal } from "./refusal.tsx";
import { useSubmit } from "./use-submit.ts";

/** "May this user do that?" with the rule that decides. */
export function AskForm() {
  const { policy: word, permissions } = words.value;
  const user = useSignal("");
  const permission = useSignal<Permission>("ledger.read");
  const resource = useSignal("");
  const answer = useSignal<RouteAnswer<"decision"> | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    answer.value = null;
    const query = { user: user.value.trim(), permission: permission.value };
    const asked = { ...query, resource: resource.value.trim() };
    answer.value = await api.call("decision", { query: asked });
  });
  return (
    <form onSubmit={submit}>
      {error !== null && <Refusal error={error} />}
      <Field name={word.user} text={user} maxLength={64} autocomplete="off" />
      <Select
        name={word.permission}
        options={permissionNames.map((one) => [one, permissions[one]] as const)}
        chosen={permission.value}
        choose={(one) => (permission.value = one)}
      />
      <Field
        name={word.resource}
        text={resource}
        hint={word.resourceHint}
        isOptional
        maxLength={512}
        autocomplete="off"
      />
      <button type="submit" class="primary" disabled={busy}>
        {word.askSubmit}
      </button>
      <div role="status">{answer.value && <Answer answer={answer.value} />}</div>
    </form>
  );
}

function Answer({ answer }: { readonly answer: RouteAnswer<"decision"> }) {
  const { policy: word, permissions } = words.value;
  const { effect, user, permission, rule, why } = answer;
  const sentence = effect === "permit" ? word.may : word.mayNot;
  return (
    <>
      <p class="notice-title">{sentence(user, permissions[permission])}</p>
      <p>{language.value === "en" ? why.en : why.zh}</p>
      {rule && <p class="muted">{word.decidedBy(rule.id)}</p>}
    </>
  );
}
