import { BlockStrip } from "../parts/block-strip.tsx";
import { ChainFacts } from "../parts/chain-facts.tsx";
import { KeyFigures } from "../parts/key-figures.tsx";
import { LatestBlocks } from "../parts/latest-blocks.tsx";
import { MeterCurve } from "../parts/meter-curve.tsx";
import { Page } from "../parts/page.tsx";
import { ChainState, Height } from "../parts/pulse.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { SignInHint } from "../parts/sign-in-hint.tsx";
import { Throughput } from "../parts/throughput.tsx";
import { Validators } from "../parts/validators.tsx";
import { words } from "../state/language.ts";
import { loadError } from "../state/live.ts";
import { mayRead } from "../state/session.ts";

export function OverviewPage() {
  const { overview } = words.value;
  return (
    <Page title={overview.title}>
      {loadError.value !== null && <Refusal error={loadError.value} />}
      <div class="overview">
        <section class="panel hero" aria-label={overview.height}>
          <div class="hero-top">
            <div>
              <p class="height-name">{overview.height}</p>
              <Height />
            </div>
            <ChainState />
          </div>
          {mayRead.value && <BlockStrip />}
          <KeyFigures />
        </section>
        <Validators />
        {mayRead.value ? <LedgerPanels /> : <SignInHint />}
        <ChainFacts />
      </div>
    </Page>
  );
}

function LedgerPanels() {
  return (
    <>
      <Throughput />
      <LatestBlocks />
      <MeterCurve />
    </>
  );
}
