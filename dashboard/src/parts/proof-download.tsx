import { useSignal } from "@preact/signals";
import { saveFile } from "../save-file.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { GenesisButton } from "./chain-facts.tsx";
import { CopyButton } from "./hash.tsx";
import { Refusal } from "./refusal.tsx";

/** Saves a transaction's proof and says how anybody checks it. */
export function ProofDownload({ hash }: { readonly hash: string }) {
  const { transaction: name } = words.value;
  const saved = useSignal(false);
  const error = useSignal<unknown>(null);
  const file = `proof-${hash.slice(0, 12)}.json`;
  const command = `gridledger verify ${file} --genesis genesis.cbor`;
  const download = async () => {
    try {
      const proof = await api.call("transactionProof", { params: { hash } });
      saveFile(file, `${JSON.stringify(proof, null, 2)}\n`, "application/json");
      saved.value = true;
      error.value = null;
    } catch (thrown) {
      error.value = thrown;
    }
  };
  return (
    <div class="proof">
      <p>{name.proofNote}</p>
      <div class="controls">
        <button type="button" class="primary" onClick={download}>
          {name.download}
        </button>
        <GenesisButton />
      </div>
      {error.value !== null && <Refusal error={error.value} />}
      <p role="status">{saved.value ? name.saved(file) : name.check}</p>
      <p class="command">
        <code>{command}</code>
        <CopyButton text={command} name={name.check} />
      </p>
    </div>
  );
}
