import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatCount } from "../../format/number.ts";
import { saveFile } from "../../save-file.ts";
import { status } from "../../state/chain.ts";
import { api } from "../../state/session.ts";
import { objectWords } from "../../words/objects.ts";
import { Refusal } from "../refusal.tsx";
import { fetchChecked, NotTheObject } from "./fetch-checked.ts";

type DataObject = RouteAnswer<"object">;
/** The hub puts no more into one bundle. */
const MAX_BUNDLED_BYTES = 8_388_608;

export function ObjectDownload({ object }: { readonly object: DataObject }) {
  const name = objectWords.value;
  const progress = useSignal("");
  const error = useSignal<unknown>(null);
  const running = useRef<AbortController | null>(null);
  const isBusy = useSignal(false);
  useEffect(() => () => running.current?.abort(), []);

  const run = async (work: (signal: AbortSignal) => Promise<string>) => {
    running.current = new AbortController();
    isBusy.value = true;
    error.value = null;
    progress.value = "";
    try {
      progress.value = await work(running.current.signal);
    } catch (thrown) {
      progress.value = thrown instanceof NotTheObject ? name.wrong(thrown.code) : "";
      if (!(thrown instanceof NotTheObject || running.current.signal.aborted)) error.value = thrown;
    }
    isBusy.value = false;
  };
  const download = async (signal: AbortSignal) => {
    const { chainId } = status.value ?? (await api.call("status"));
    const { blob, height } = await fetchChecked(object, chainId, signal, (done) => {
      progress.value = name.checking(formatCount(done), formatCount(object.chunks));
    });
    const file = object.name || "object";
    saveFile(file, blob, "application/octet-stream");
    return name.saved(file, formatCount(height));
  };
  const bundle = async () => {
    const found = await api.call("objectBundle", { params: { object: object.root } });
    const file = `evidence-${object.root.slice(0, 12)}.json`;
    saveFile(file, JSON.stringify(found), "application/json");
    return file;
  };
  return (
    <div class="proof">
      <p>{name.getNote}</p>
      <div class="controls">
        <button type="button" class="primary" disabled={isBusy.value} onClick={() => run(download)}>
          {name.download}
        </button>
        {object.sizeBytes <= MAX_BUNDLED_BYTES && (
          <button type="button" disabled={isBusy.value} onClick={() => run(bundle)}>
            {name.bundle}
          </button>
        )}
        {isBusy.value && (
          <button type="button" onClick={() => running.current?.abort()}>
            {name.cancel}
          </button>
        )}
      </div>
      {error.value !== null && <Refusal error={error.value} />}
      <p role="status">{progress.value}</p>
      <p>
        {name.bundleNote}{" "}
        <a href="/verify.html" target="_blank" rel="noopener">
          {name.verifier}
        </a>
      </p>
    </div>
  );
}
