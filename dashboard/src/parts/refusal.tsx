import { ApiError } from "@gridledger/protocol/api/client";
import { language, words } from "../state/language.ts";

interface RefusalProps {
  readonly error: unknown;
  readonly retry?: () => void;
  /** False where the way to sign in would lead back here. */
  readonly offerSignIn?: boolean;
}

/** A refusal in words: RFC 9457 title and detail, and what to do about it. */
export function Refusal({ error, retry, offerSignIn = true }: RefusalProps) {
  const { common, nav } = words.value;
  const status = error instanceof ApiError ? error.problem.status : undefined;
  const needsSignIn = offerSignIn && status === 401;
  // What the rules do not permit is not permitted a moment later.
  const mayRetry = !needsSignIn && status !== 403;
  return (
    <div class="notice refused" role="alert">
      <p class="notice-title">{titleOf(error)}</p>
      <p>{detailOf(error)}</p>
      {needsSignIn && (
        <a class="button" href="/sign-in">
          {nav.signIn}
        </a>
      )}
      {mayRetry && retry && (
        <button type="button" onClick={retry}>
          {common.retry}
        </button>
      )}
    </div>
  );
}

function titleOf(error: unknown): string {
  const { common } = words.value;
  if (error instanceof ApiError) {
    const { problem } = error;
    return language.value === "en" ? problem.title : problem.titleZh;
  }
  return error instanceof TypeError ? common.unreachable : common.failed;
}

type Words = Readonly<Record<string, string>>;

/** The detail begins with the permission, and goes on in English. */
function missingRight(detail: string): string {
  const [permission = ""] = detail.split(":");
  return (words.value.permissions as Words)[permission] ?? permission;
}

function detailOf(error: unknown): string {
  if (error instanceof ApiError) {
    const { code, title, detail } = error.problem;
    if (code === "FORBIDDEN" && language.value !== "en") return missingRight(detail);
    return detail === title ? "" : detail;
  }
  return error instanceof TypeError ? words.value.common.unreachableHint : String(error);
}
