import { useSignal } from "@preact/signals";
import { Field } from "../parts/field.tsx";
import { Page } from "../parts/page.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { SignInHint } from "../parts/sign-in-hint.tsx";
import { useSubmit } from "../parts/use-submit.ts";
import { words } from "../state/language.ts";
import { changePassword, session } from "../state/session.ts";

export function PasswordPage() {
  const { account } = words.value;
  return (
    <Page title={account.passwordTitle}>
      {session.value?.signedIn ? <PasswordForm /> : <SignInHint />}
    </Page>
  );
}

function PasswordForm() {
  const { account } = words.value;
  const current = useSignal("");
  const next = useSignal("");
  const again = useSignal("");
  const saved = useSignal(false);
  const isMismatch = again.value !== "" && again.value !== next.value;
  const { busy, error, submit } = useSubmit(async () => {
    if (next.value !== again.value) return;
    await changePassword(current.value, next.value);
    saved.value = true;
    current.value = next.value = again.value = "";
  });
  const fresh = { type: "password", autocomplete: "new-password" } as const;
  return (
    <form class="panel narrow" onSubmit={submit}>
      {error !== null && <Refusal error={error} offerSignIn={false} />}
      <Field
        name={account.current}
        text={current}
        type="password"
        autocomplete="current-password"
      />
      <Field name={account.next} text={next} hint={account.nextHint} minLength={12} {...fresh} />
      <Field name={account.again} text={again} isWrong={isMismatch} {...fresh} />
      {isMismatch && (
        <p class="field-error" role="alert">
          {account.mismatch}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy || isMismatch}>
        {account.save}
      </button>
      <p role="status">{saved.value && account.saved}</p>
    </form>
  );
}
