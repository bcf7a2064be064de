import { words } from "./language.ts";
import type { Report } from "./verdict.ts";

interface ProgressProps {
  readonly report: Report | null;
  readonly cancel: () => void;
}

export function Progress({ report, cancel }: ProgressProps) {
  const { working } = words.value;
  const known = report !== null && "progress" in report ? report : null;
  const label = known?.progress === "reading" ? working.reading : working.verifying;
  return (
    <section class="card working">
      <div class="bar">
        <label for="progress">{label}</label>
        {known === null ? (
          <progress id="progress" />
        ) : (
          <progress id="progress" value={known.done} max={known.total} />
        )}
      </div>
      <button type="button" class="small" onClick={cancel}>
        {working.cancel}
      </button>
    </section>
  );
}
