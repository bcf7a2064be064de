import { Page } from "../parts/page.tsx";
import { words } from "../state/language.ts";

export function NotFoundPage() {
  const { common } = words.value;
  return (
    <Page title={common.notFound}>
      <a class="button" href="/">
        {common.toOverview}
      </a>
    </Page>
  );
}
