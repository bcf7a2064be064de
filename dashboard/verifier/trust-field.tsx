import { asFault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { useSignal } from "@preact/signals";
import { Chooser } from "./file-field.tsx";
import { words } from "./language.ts";

/** The reader's own word on which chain it is. */
export interface Trusted {
  /** Empty, or 64 hex digits. */
  readonly chainId: string;
  readonly genesis?: { readonly bytes: Uint8Array; readonly chainId: string };
}

interface TrustFieldProps {
  readonly trusted: Trusted;
  readonly onChange: (trusted: Trusted) => void;
}

export function TrustField({ trusted, onChange }: TrustFieldProps) {
  const { trust } = words.value;
  const typed = useSignal("");
  const fault = useSignal("");
  const digits = typed.value.replaceAll(/\s/g, "").toLowerCase();
  const isMalformed = digits !== "" && !/^[0-9a-f]{64}$/.test(digits);
  const type = (text: string) => {
    typed.value = text;
    const given = text.replaceAll(/\s/g, "").toLowerCase();
    const chainId = /^[0-9a-f]{64}$/.test(given) ? given : "";
    if (chainId !== trusted.chainId) onChange({ ...trusted, chainId });
  };
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const chainId = formatHex(decodeGenesis(bytes).chainId);
      fault.value = "";
      onChange({ ...trusted, genesis: { bytes, chainId } });
    } catch (thrown) {
      const { code, message } = asFault(thrown, "GENESIS_INVALID");
      fault.value = `${code}: ${message}`;
    }
  };
  return (
    <section class="card trust" aria-labelledby="trust-heading">
      <h2 id="trust-heading">{trust.heading}</h2>
      <label for="chain-id">{trust.label}</label>
      <input
        id="chain-id"
        class="mono"
        value={typed.value}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={isMalformed}
        aria-describedby="trust-hint"
        onInput={({ currentTarget }) => type(currentTarget.value)}
      />
      {isMalformed && <p class="wrong">{trust.malformed}</p>}
      <p id="trust-hint" class="muted">
        {trust.hint}
      </p>
      <p class="buttons">
        <Chooser label={trust.genesis} onFile={(file) => void read(file)} />
        {trusted.genesis !== undefined && (
          <button type="button" onClick={() => onChange({ chainId: trusted.chainId })}>
            {trust.forget}
          </button>
        )}
      </p>
      <p aria-live="polite" class={fault.value === "" ? "muted mono" : "wrong"}>
        {fault.value || (trusted.genesis && trust.genesisRead(trusted.genesis.chainId))}
      </p>
    </section>
  );
}
