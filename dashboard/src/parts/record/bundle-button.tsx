import { useSignal } from "@preact/signals";
import { saveFile } from "../../save-file.ts";
import { api } from "../../state/session.ts";
import { objectWords } from "../../words/objects.ts";
import { Refusal } from "../refusal.tsx";

interface BundleButtonProps {
  readonly transaction: string;
  /** Tells this button from its neighbours. */
  readonly name: string;
}

/** Saves the evidence bundle of a transaction. */
export function BundleButton({ transaction, name }: BundleButtonProps) {
  const { bundle } = objectWords.value;
  const error = useSignal<unknown>(null);
  const save = async () => {
    try {
      const found = await api.call("transactionBundle", { params: { hash: transaction } });
      const file = `evidence-${transaction.slice(0, 12)}.json`;
      saveFile(file, JSON.stringify(found), "application/json");
      error.value = null;
    } catch (thrown) {
      error.value = thrown;
    }
  };
  return (
    <>
      <button type="button" class="small" aria-label={`${bundle}: ${name}`} onClick={save}>
        {bundle}
      </button>
      {error.value !== null && <Refusal error={error.value} />}
    </>
  );
}
