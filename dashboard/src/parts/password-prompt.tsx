import { path } from "../router.ts";
import { words } from "../state/language.ts";
import { promptSkipped, session } from "../state/session.ts";

/** A friendly, skippable reminder that the password in use is a one-time one. */
export function PasswordPrompt() {
  const { account } = words.value;
  const isDue = session.value?.mustChangePassword && !promptSkipped.value;
  if (!isDue || path.value === "/password") return null;
  return (
    <section class="prompt" aria-label={account.passwordTitle}>
      <p>{account.once}</p>
      <a class="button primary" href="/password">
        {account.choose}
      </a>
      <button type="button" class="quiet" onClick={() => (promptSkipped.value = true)}>
        {account.later}
      </button>
    </section>
  );
}
