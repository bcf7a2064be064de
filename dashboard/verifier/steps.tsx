import { formatCount } from "../src/format/number.ts";
import { words } from "./language.ts";
import { formatZoned } from "./sentences.ts";
import type { Fact, StepState, StepView } from "./verdict.ts";

const shapes: Readonly<Record<StepState, string>> = {
  held: "M5 12.5l4.5 4.5L19 7.5",
  failed: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  absent: "M12 6v7.5M12 17.4v.2",
  open: "M7 12h10",
};

/** A tick, a cross, an exclamation mark or a dash; always with a word beside it. */
export function Mark({ state }: { readonly state: StepState }) {
  return (
    <svg class={`mark ${state}`} viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      <path d={shapes[state]} />
    </svg>
  );
}

export function Steps({ steps }: { readonly steps: readonly StepView[] }) {
  const text = words.value;
  return (
    <section class="card" aria-labelledby="steps-heading">
      <h2 id="steps-heading">{text.stepsHeading}</h2>
      <ol class="steps">
        {steps.map(({ name, state, facts }) => (
          <li key={name} class={state} data-step={name} data-state={state}>
            <Mark state={state} />
            <div>
              <h3>
                {text.steps[name][0]} <span class="state">{text.states[state]}</span>
              </h3>
              <p class="muted">{text.steps[name][1]}</p>
              {facts.length > 0 && (
                <dl>
                  {facts.map((fact) => (
                    <FactRow key={fact.name} fact={fact} />
                  ))}
                </dl>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function FactRow({ fact }: { readonly fact: Fact }) {
  const { facts } = words.value;
  const label = (facts as Readonly<Record<string, unknown>>)[fact.name];
  return (
    <div>
      <dt>{typeof label === "string" ? label : fact.name}</dt>
      <dd>{"hash" in fact ? <code>{fact.hash}</code> : textOf(fact)}</dd>
    </div>
  );
}

function textOf(fact: Exclude<Fact, { hash: string }>): string {
  if ("text" in fact) return fact.text;
  if ("timeMs" in fact) return formatZoned(fact.timeMs);
  const count = formatCount(fact.count);
  return fact.of === undefined ? count : words.value.facts.count(count, formatCount(fact.of));
}
