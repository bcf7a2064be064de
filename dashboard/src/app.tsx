import { type ComponentChild, Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { AccountPage } from "./pages/account.tsx";
import { BlockPage } from "./pages/block.tsx";
import { BlocksPage } from "./pages/blocks.tsx";
import { IdentitiesPage } from "./pages/identities.tsx";
import { MeterPage } from "./pages/meter.tsx";
import { MetersPage } from "./pages/meters.tsx";
import { NodesPage } from "./pages/nodes.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { PasswordPage } from "./pages/password.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { TransactionPage } from "./pages/transaction.tsx";
import { later } from "./parts/later.tsx";
import { Waiting } from "./parts/loaded.tsx";
import { Masthead } from "./parts/masthead.tsx";
import { PasswordPrompt } from "./parts/password-prompt.tsx";
import { matchPath, path } from "./router.ts";
import { words } from "./state/language.ts";
import { session, sessionAsked } from "./state/session.ts";

type Params = Readonly<Record<string, string>>;

const AccessPage = later(() => import("./pages/access.tsx").then((file) => file.AccessPage));
const AuditPage = later(() => import("./pages/audit.tsx").then((file) => file.AuditPage));
const CertificatesPage = later(() =>
  import("./pages/certificates.tsx").then((file) => file.CertificatesPage),
);
const MappingsPage = later(() => import("./pages/mappings.tsx").then((file) => file.MappingsPage));
const MarketPage = later(() => import("./pages/market.tsx").then((file) => file.MarketPage));
const ObjectPage = later(() => import("./pages/object.tsx").then((file) => file.ObjectPage));
const ObjectsPage = later(() => import("./pages/objects.tsx").then((file) => file.ObjectsPage));
const RecordPage = later(() => import("./pages/record.tsx").then((file) => file.RecordPage));
const RecoveryPage = later(() => import("./pages/recovery.tsx").then((file) => file.RecoveryPage));
const UsersPage = later(() => import("./pages/users.tsx").then((file) => file.UsersPage));

const pages: readonly (readonly [pattern: string, page: (params: Params) => ComponentChild])[] = [
  ["/", () => <OverviewPage />],
  ["/blocks", () => <BlocksPage />],
  ["/blocks/{height}", ({ height = "" }) => <BlockPage key={height} height={height} />],
  ["/transactions/{hash}", ({ hash = "" }) => <TransactionPage key={hash} hash={hash} />],
  ["/meters", () => <MetersPage />],
  ["/meters/{meter}", ({ meter = "" }) => <MeterPage key={meter} meter={meter} />],
  ["/meters/{meter}/record", ({ meter = "" }) => <RecordPage key={meter} meter={meter} />],
  ["/objects", () => <ObjectsPage />],
  ["/objects/{object}", ({ object = "" }) => <ObjectPage key={object} object={object} />],
  ["/mappings", () => <MappingsPage />],
  ["/market", () => <MarketPage />],
  ["/nodes", () => <NodesPage />],
  ["/identities", () => <IdentitiesPage />],
  ["/users", () => <UsersPage />],
  ["/access", () => <AccessPage />],
  ["/audit", () => <AuditPage />],
  ["/account", () => <AccountPage />],
  ["/certificates", () => <CertificatesPage />],
  ["/recovery", () => <RecoveryPage />],
  ["/sign-in", () => <SignInPage />],
  ["/password", () => <PasswordPage />],
];

export function App() {
  useFocusAfterNavigation();
  return (
    <>
      <a class="skip" href="#main">
        {words.value.nav.skip}
      </a>
      <Masthead />
      <PasswordPrompt />
      <main id="main" tabIndex={-1}>
        {/* What one caller may see is not left standing for the next. */}
        <Fragment key={session.value?.permissions.join()}>
          {sessionAsked.value ? pageAt(path.value) : <Waiting />}
        </Fragment>
      </main>
    </>
  );
}

function pageAt(current: string): ComponentChild {
  for (const [pattern, page] of pages) {
    const params = matchPath(pattern, current);
    if (params !== null) return page(params);
  }
  return <NotFoundPage />;
}

/** The new page's heading takes the focus, so that keyboard and screen reader start there. */
function useFocusAfterNavigation(): void {
  const before = useRef(path.value);
  const current = path.value;
  useEffect(() => {
    if (before.current === current) return;
    before.current = current;
    document.querySelector("h1")?.focus({ preventScroll: true });
  }, [current]);
}
