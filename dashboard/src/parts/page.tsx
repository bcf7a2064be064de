import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface PageProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A page under its heading, which names the browser tab too. */
export function Page({ title, aside, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Gridledger`;
  }, [title]);
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>{title}</h1>
        {aside}
      </div>
      {children}
    </>
  );
}
