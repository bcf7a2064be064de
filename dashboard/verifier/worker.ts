import { config } from "zod";
import type { Question } from "./verdict.ts";
import { work } from "./work.ts";

config({ jitless: true }); // a strict policy forbids code made from text

/** The verifier without a page, for the console. */
globalThis.onmessage = ({ data }: MessageEvent<Question>) => {
  void work(data, (report) => globalThis.postMessage(report));
};
