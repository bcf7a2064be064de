// A thread of a sweep: plain JavaScript, because a thread starts without the loader of TypeScript.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { sweep } = await import("./sweep.ts");
parentPort?.postMessage(sweep(workerData));
