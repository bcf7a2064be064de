import { faultTable } from "@gridledger/protocol/faults";
import { useSignal } from "@preact/signals";
import { formatQuantity, quantity, registerName } from "../src/format/register.ts";
import { language } from "../src/state/language.ts";
import { words } from "./language.ts";
import { sentences } from "./sentences.ts";
import { Mark } from "./steps.tsx";
import type { Subject, Verdict } from "./verdict.ts";

interface AnswerProps {
  readonly verdict: Verdict;
  readonly hasGenesis: boolean;
}

/** What it comes to, in words. */
export function Answer({ verdict, hasGenesis }: AnswerProps) {
  const isCompared = useSignal<Verdict | null>(null);
  const { state } = verdict;
  const shown = state === "consistent" && isCompared.value === verdict ? "proven" : state;
  return (
    <section class={`card answer ${shown}`} data-state={shown}>
      <Mark state={shown === "refused" ? "failed" : shown === "proven" ? "held" : "absent"} />
      <div>
        <h2>{words.value[shown]}</h2>
        {verdict.fault === undefined ? (
          <Proof
            verdict={verdict}
            state={shown}
            hasGenesis={hasGenesis}
            compare={() => (isCompared.value = verdict)}
          />
        ) : (
          <Refusal fault={verdict.fault} />
        )}
      </div>
    </section>
  );
}

function Refusal({ fault: { code, detail } }: { readonly fault: NonNullable<Verdict["fault"]> }) {
  const { todo, todos } = words.value;
  const info = faultTable[code];
  return (
    <>
      <p class="says">{info?.[language.value === "en" ? "en" : "zh"] ?? detail}</p>
      <p class="code">
        <code>{code}</code> {detail}
      </p>
      <p>
        <strong>{todo}</strong> {todos[code] ?? todos.other}
      </p>
    </>
  );
}

interface ProofProps {
  readonly verdict: Verdict;
  readonly state: Verdict["state"];
  readonly hasGenesis: boolean;
  readonly compare: () => void;
}

function Proof({ verdict, state, hasGenesis, compare }: ProofProps) {
  const text = words.value.compare;
  const { chainId = "", subject, place } = verdict;
  if (subject === undefined || place === undefined) return null;
  const [first, ...rest] = sentences(subject, place);
  const ground =
    verdict.state === "consistent" ? text.by : hasGenesis ? text.withGenesis : text.with;
  return (
    <>
      <p class="says">{first}</p>
      <Values subject={subject} />
      {state === "consistent" ? (
        <div class="compare">
          <p>{text.why}</p>
          <ChainId text={chainId} />
          <button type="button" class="primary" onClick={compare}>
            {text.done}
          </button>
        </div>
      ) : (
        <p class="ground">{ground}</p>
      )}
      <ul class="also">
        {rest.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </>
  );
}

/** In groups, so that the eye can compare it. */
function ChainId({ text }: { readonly text: string }) {
  return (
    <code class="chain-id">
      {(text.match(/.{8}/g) ?? []).map((group, at) => (
        <span key={at}>{group}</span>
      ))}
    </code>
  );
}

function Values({ subject }: { readonly subject: Subject }) {
  if (subject.about !== "reading") return null;
  return (
    <dl class="values">
      {subject.values.map(({ obis, value, scaler, unit }) => (
        <div key={obis}>
          <dt>
            {registerName(obis)} <code>{obis}</code>
          </dt>
          <dd>{value === null ? "–" : formatQuantity(quantity(value, scaler, unit))}</dd>
        </div>
      ))}
    </dl>
  );
}
