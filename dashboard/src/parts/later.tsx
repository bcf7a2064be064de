import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Waiting } from "./loaded.tsx";
import { Refusal } from "./refusal.tsx";

type Load<Props> = () => Promise<ComponentType<Props>>;

/**
 * A page of its own file, which comes when somebody opens it: the first page of the console stays small.
 * Call it once for a page, not while rendering.
 */
export function later<Props extends object = object>(load: Load<Props>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Later(props: Props) {
    const [Page, setPage] = useState(() => loaded);
    const [error, setError] = useState<unknown>();
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (page) => {
          loaded = page;
          setPage(() => page);
        },
        (thrown) => setError(() => thrown),
      );
    }, []);
    useEffect(() => {
      // As after every navigation; the heading was not there yet.
      if (Page !== undefined) document.querySelector("h1")?.focus({ preventScroll: true });
    }, [Page]);
    // The hub is away, or was upgraded under an open window.
    if (error !== undefined) return <Refusal error={error} retry={() => location.reload()} />;
    return Page === undefined ? <Waiting /> : <Page {...props} />;
  };
}
