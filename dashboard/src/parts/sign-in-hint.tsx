import { words } from "../state/language.ts";

/** Stands where a caller who has not signed in would see ledger data. */
export function SignInHint() {
  const { common, nav } = words.value;
  return (
    <div class="notice panel sign-in-hint">
      <p class="notice-title">{common.needsSignIn}</p>
      <p>{common.needsSignInHint}</p>
      <a class="button" href="/sign-in">
        {nav.signIn}
      </a>
    </div>
  );
}
