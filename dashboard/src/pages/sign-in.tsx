import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Field } from "../parts/field.tsx";
import { Page } from "../parts/page.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useSubmit } from "../parts/use-submit.ts";
import { navigateBack, redirect } from "../router.ts";
import { words } from "../state/language.ts";
import { session, signIn } from "../state/session.ts";

export function SignInPage() {
  const { account } = words.value;
  const isSignedIn = session.value?.signedIn ?? false;
  useEffect(() => {
    if (isSignedIn) redirect("/sign-in", "/");
  }, [isSignedIn]);
  return (
    <Page title={account.title}>
      <SignInForm />
    </Page>
  );
}

function SignInForm() {
  const { account } = words.value;
  const user = useSignal("");
  const password = useSignal("");
  const { busy, error, submit } = useSubmit(async () => {
    await signIn(user.value, password.value);
    navigateBack();
  });
  return (
    <form class="panel narrow" onSubmit={submit}>
      {error !== null && <Refusal error={error} offerSignIn={false} />}
      <Field name={account.user} text={user} autocomplete="username" />
      <Field
        name={account.password}
        text={password}
        type="password"
        autocomplete="current-password"
      />
      <button type="submit" class="primary" disabled={busy}>
        {account.submit}
      </button>
    </form>
  );
}
