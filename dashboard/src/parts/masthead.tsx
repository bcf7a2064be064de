import { useEffect, useRef } from "preact/hooks";
import { path } from "../router.ts";
import { status } from "../state/chain.ts";
import { chooseLanguage, language, words } from "../state/language.ts";
import { may, session, sessionAsked, signOut } from "../state/session.ts";
import { LinkState } from "./pulse.tsx";

export function Masthead() {
  const { nav } = words.value;
  return (
    <header class="masthead">
      <a class="brand" href="/">
        <Mark />
        <span>Gridledger</span>
        {status.value && <span class="channel">{status.value.channel}</span>}
      </a>
      <nav aria-label={nav.main} class="main-nav">
        <NavLink to="/" text={nav.overview} />
        {showsLedger() && (
          <>
            <NavLink to="/blocks" text={nav.blocks} also="/transactions" />
            <NavLink to="/meters" text={nav.meters} />
            <NavLink to="/market" text={nav.market} />
            <NavLink to="/nodes" text={nav.nodes} />
            <NavLink to="/identities" text={nav.identities} />
          </>
        )}
        {may("object.read") && <NavLink to="/objects" text={nav.objects} />}
        {may("mapping.read") && <NavLink to="/mappings" text={nav.data} />}
        {may("certificate.read") && <NavLink to="/certificates" text={nav.certificates} />}
        {(may("key.approve") || may("certificate.approve")) && (
          <NavLink to="/recovery" text={nav.recovery} />
        )}
        {may("user.read") && <NavLink to="/users" text={nav.users} />}
        {may("access.read") && <NavLink to="/access" text={nav.access} />}
        {may("audit.read") && <NavLink to="/audit" text={nav.audit} />}
      </nav>
      <div class="masthead-end">
        <LinkState />
        <LanguageSwitch />
        <Account />
      </div>
    </header>
  );
}

/** A stranger is asked to sign in there; who has signed in and may not read has no use for it. */
function showsLedger(): boolean {
  return !session.value?.signedIn || may("ledger.read");
}

interface NavLinkProps {
  readonly to: string;
  readonly text: string;
  /** Pages that belong here under another path. */
  readonly also?: string;
}

function NavLink({ to, text, also = to }: NavLinkProps) {
  const current = path.value;
  const isHere = to === "/" ? current === to : current.startsWith(to) || current.startsWith(also);
  const link = useRef<HTMLAnchorElement>(null);
  // On a narrow screen the row of pages scrolls, and the current one may lie beyond its end.
  useEffect(() => {
    if (isHere) link.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [isHere]);
  return (
    <a ref={link} href={to} {...(isHere && { "aria-current": current === to ? "page" : "true" })}>
      {text}
    </a>
  );
}

function LanguageSwitch() {
  const isEnglish = language.value === "en";
  return (
    <button
      type="button"
      class="quiet"
      lang={isEnglish ? "zh-CN" : "en"}
      onClick={() => chooseLanguage(isEnglish ? "zh-CN" : "en")}
    >
      {isEnglish ? "中文" : "English"}
    </button>
  );
}

function Account() {
  const { nav } = words.value;
  const who = session.value;
  if (!sessionAsked.value) return null;
  if (!who?.signedIn) {
    return (
      <a class="button" href="/sign-in">
        {nav.signIn}
      </a>
    );
  }
  return (
    <details key={path.value} class="account" onKeyDown={closeOnEscape}>
      <summary>{who.user}</summary>
      <div class="menu">
        <a href="/account">{nav.account}</a>
        <a href="/recovery">{nav.recoveryPage}</a>
        <a href="/password">{nav.password}</a>
        <button type="button" class="quiet" onClick={() => void signOut()}>
          {nav.signOut}
        </button>
      </div>
    </details>
  );
}

function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget;
  if (event.key !== "Escape" || !(menu instanceof HTMLDetailsElement)) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

/** Three meters' bars on a plate. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M7 22v-6h4v6zm7 0V10h4v12zm7 0v-9h4v9z" />
    </svg>
  );
}
