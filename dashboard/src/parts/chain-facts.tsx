import { useSignal } from "@preact/signals";
import { base64urlBytes, saveFile } from "../save-file.ts";
import { status } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Facts } from "./facts.tsx";
import { CopyHash } from "./hash.tsx";
import { Panel } from "./panel.tsx";
import { Refusal } from "./refusal.tsx";

/** Which chain this is. */
export function ChainFacts() {
  const { overview } = words.value;
  const told = status.value;
  return (
    <Panel title={overview.chain} class="chain-facts">
      <Facts
        facts={[
          [overview.channel, told?.channel ?? "–"],
          [overview.suite, told?.suite ?? "–"],
          [overview.engine, told?.engine ?? "–"],
          [overview.finality, told ? overview.finalAfter(told.finalityDepth) : "–"],
          [overview.version, told?.version ?? "–"],
          [overview.chainId, told ? <CopyHash text={told.chainId} name={overview.chainId} /> : "–"],
        ]}
      />
      <GenesisButton />
    </Panel>
  );
}

/** Saves the genesis: the one thing a verifier needs besides a proof. */
export function GenesisButton() {
  const error = useSignal<unknown>(null);
  const download = async () => {
    try {
      const genesis = await api.call("genesis");
      saveFile("genesis.cbor", base64urlBytes(genesis.encoded), "application/cbor");
      error.value = null;
    } catch (thrown) {
      error.value = thrown;
    }
  };
  return (
    <>
      <button type="button" onClick={download}>
        {words.value.overview.genesis}
      </button>
      {error.value !== null && <Refusal error={error.value} />}
    </>
  );
}
