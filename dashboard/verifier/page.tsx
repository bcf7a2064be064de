import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { chooseLanguage, language } from "../src/state/language.ts";
import { Answer } from "./answer.tsx";
import { ask } from "./ask.ts";
import { FileField } from "./file-field.tsx";
import { words } from "./language.ts";
import { Progress } from "./progress.tsx";
import { Steps } from "./steps.tsx";
import { type Trusted, TrustField } from "./trust-field.tsx";
import type { Report } from "./verdict.ts";

interface Asked {
  readonly file: Blob | string;
  readonly name: string;
}

export function Page() {
  const asked = useSignal<Asked | null>(null);
  const trusted = useSignal<Trusted>({ chainId: "" });
  const report = useSignal<Report | null>(null);
  const stop = useRef(() => {});
  const text = words.value;

  useEffect(() => {
    document.title = `Gridledger · ${text.title}`;
  }, [text]);

  // Again where the file or the chain that is trusted changes.
  const [file, { chainId, genesis }] = [asked.value, trusted.value];
  useEffect(() => {
    report.value = null;
    if (file === null) return;
    const question = { file: file.file, chainId, ...(genesis && { genesis: genesis.bytes }) };
    stop.current = ask(question, (told) => {
      report.value = told;
    });
    return () => stop.current();
  }, [file, chainId, genesis]);

  const verdict =
    report.value !== null && "verdict" in report.value ? report.value.verdict : undefined;
  const cancel = () => {
    asked.value = null;
  };
  return (
    <>
      <Masthead />
      <main>
        <h1>{text.title}</h1>
        <p class="lead">{text.lead}</p>
        <FileField
          name={file?.name}
          onFile={(given, name) => (asked.value = { file: given, name })}
        />
        <div class="answer-place" aria-live="polite">
          {file !== null && (
            <Outcome report={report.value} trusted={trusted.value} cancel={cancel} />
          )}
        </div>
        <TrustField trusted={trusted.value} onChange={(given) => (trusted.value = given)} />
        {verdict !== undefined && <Steps steps={verdict.steps} />}
      </main>
      <footer>{text.foot}</footer>
    </>
  );
}

interface OutcomeProps {
  readonly report: Report | null;
  readonly trusted: Trusted;
  readonly cancel: () => void;
}

function Outcome({ report, trusted, cancel }: OutcomeProps) {
  if (report !== null && "verdict" in report) {
    return <Answer verdict={report.verdict} hasGenesis={trusted.genesis !== undefined} />;
  }
  return <Progress report={report} cancel={cancel} />;
}

function Masthead() {
  const other = language.value === "en" ? "zh-CN" : "en";
  return (
    <header>
      <span class="brand">Gridledger</span>
      <button type="button" class="quiet" lang={other} onClick={() => chooseLanguage(other)}>
        {other === "en" ? "English" : "中文"}
      </button>
    </header>
  );
}
