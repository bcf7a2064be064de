import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { Report, Verdict } from "../../../verifier/verdict.ts";
import { base64urlBytes } from "../../save-file.ts";
import { api } from "../../state/session.ts";

type DataObject = RouteAnswer<"object">;
/** So much is asked for at once. */
const WHOLE_BYTES = 4_194_304;

/** What the hub gave does not agree with the chain. */
export class NotTheObject extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = "NotTheObject";
    this.code = code;
  }
}

/**
 * The object's bytes, each chunk checked against the root in its sealed block by the code that verifies
 * evidence, beside the page.
 *
 * @param chainId of the chain that this console shows
 * @param onChunks told how many chunks hold so far
 * @throws NotTheObject, ApiError, TypeError
 */
export async function fetchChecked(
  object: DataObject,
  chainId: string,
  signal: AbortSignal,
  onChunks: (done: number) => void,
): Promise<{ readonly blob: Blob; readonly height: number }> {
  const { root, chunks, sizeBytes, address } = object;
  const worker = new Worker("/verifier.js");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const asked = sizeBytes <= WHOLE_BYTES ? [undefined] : [...Array(chunks).keys()];
  try {
    for (const chunk of asked) {
      signal.throwIfAborted();
      const query = chunk === undefined ? {} : { chunk };
      const bundle = await api.call("objectBundle", { params: { object: root }, query });
      checkVerdict(await judged(worker, JSON.stringify(bundle), chainId), root);
      for (const { index, bytes } of bundle.chunks ?? []) {
        if (index !== parts.length) throw new NotTheObject("PROOF_SHAPE");
        parts.push(base64urlBytes(bytes));
      }
      onChunks(parts.length);
    }
  } finally {
    worker.terminate();
  }
  if (parts.length !== chunks) throw new NotTheObject("PROOF_SHAPE");
  return { blob: new Blob(parts), height: address?.height ?? 0 };
}

function checkVerdict({ state, subject, fault }: Verdict, root: string): void {
  const isIt = subject?.about === "object" && subject.root === root;
  if (state !== "proven" || !isIt) throw new NotTheObject(fault?.code ?? "PROOF_INVALID");
}

function judged(worker: Worker, file: string, chainId: string): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if ("verdict" in data) resolve(data.verdict);
    };
    worker.onerror = ({ message }) => reject(new TypeError(message));
    worker.postMessage({ file, chainId });
  });
}
