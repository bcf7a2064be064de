import { judge } from "./judge.ts";
import type { Question, Report } from "./verdict.ts";

const REPORT_EVERY_MS = 80;

/** Reads and judges the file; reports how far it is, and then the verdict. */
export async function work(
  { file, ...brought }: Question,
  report: (report: Report) => void,
): Promise<void> {
  const text = typeof file === "string" ? file : await read(file, report);
  let lastMs = 0;
  const verdict = judge(text, brought, (step) => {
    if (step.step !== "data" || Date.now() - lastMs < REPORT_EVERY_MS) return;
    lastMs = Date.now();
    report({ progress: "verifying", done: step.done, total: step.total });
  });
  report({ verdict });
}

async function read(file: Blob, report: (report: Report) => void): Promise<string> {
  const decoder = new TextDecoder();
  const reader = file.stream().getReader();
  const parts: string[] = [];
  let done = 0;
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) break;
    parts.push(decoder.decode(value, { stream: true }));
    done += value.length;
    report({ progress: "reading", done, total: file.size });
  }
  return parts.join("") + decoder.decode();
}
