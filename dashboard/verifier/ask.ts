import type { Question, Report } from "./verdict.ts";
import { work } from "./work.ts";

/** The page's own script, which is the worker's too: there is no second file. */
const own = typeof document === "undefined" ? null : document.querySelector("script#code");

/** Verifies beside the page, so that it does not freeze; in the page where no worker can be made. */
export function ask(question: Question, onReport: (report: Report) => void): () => void {
  let worker: Worker;
  const url = URL.createObjectURL(new Blob([own?.textContent ?? ""], { type: "text/javascript" }));
  try {
    worker = new Worker(url);
  } catch {
    void work(question, onReport);
    return () => {};
  }
  worker.onmessage = ({ data }: MessageEvent<Report>) => {
    onReport(data);
    if ("verdict" in data) stop();
  };
  worker.onerror = () => {
    stop();
    void work(question, onReport);
  };
  const stop = () => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  worker.postMessage(question);
  return stop;
}
