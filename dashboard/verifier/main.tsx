import { render } from "preact";
import { config } from "zod";
import { followLanguage } from "../src/state/language.ts";
import { judge } from "./judge.ts";
import { Page } from "./page.tsx";
import type { Question } from "./verdict.ts";
import { work } from "./work.ts";

config({ jitless: true }); // the page's policy forbids code made from text

declare global {
  /** For programs that drive the page: the verdict on a text. */
  var gridledgerJudge: typeof judge;
}

if (typeof document === "undefined") {
  globalThis.onmessage = ({ data }: MessageEvent<Question>) => {
    void work(data, (report) => globalThis.postMessage(report));
  };
} else {
  globalThis.gridledgerJudge = judge;
  followLanguage();
  const root = document.querySelector("#app");
  if (root !== null) render(<Page />, root);
}
