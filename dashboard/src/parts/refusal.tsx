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

/** What the title does not say already. The hub says it in English; of a right, the name is known. */
function detailOf(error: unknown): string {
  const { common, permissions } = words.value;
  if (!(error instanceof ApiError)) {
    return error instanceof TypeError ? common.unreachableHint : String(error);
  }
  const { code, title, detail } = error.problem;
  const isEnglish = language.value === "en";
  if (detail === title || (code === "NOT_FOUND" && !isEnglish)) return "";
  if (code !== "FORBIDDEN") return detail;
  const [permission = "", ...why] = detail.split(":");
  const right = (permissions as Words)[permission] ?? permission;
  return isEnglish ? [right, ...why].join(":") : right;
}
