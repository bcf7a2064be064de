import { useEffect, useRef, useState } from "preact/hooks";
import { regained } from "./state/live.ts";

export interface Resource<T> {
  readonly data: T | null;
  /** What the last load threw; the data of an earlier one may still be there. */
  readonly error: unknown;
  readonly reload: () => void;
}

interface Loaded<T> {
  readonly key: string;
  readonly data: T | null;
  readonly error: unknown;
}

/**
 * Loads when `key` changes, which forgets the data, and when `revision` does or a lost connection
 * comes back, which keeps it on the screen until the new is there.
 */
export function useResource<T>(
  key: string,
  load: () => Promise<T>,
  revision: unknown = 0,
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key, data: null, error: null });
  const [attempt, setAttempt] = useState(0);
  const generation = useRef(0);
  const connection = regained.value;

  // The key stands for what `load` closes over.
  useEffect(() => {
    const mine = ++generation.current;
    load().then(
      (data) => mine === generation.current && setLoaded({ key, data, error: null }),
      (error: unknown) =>
        mine === generation.current &&
        setLoaded((before) => ({ key, data: before.key === key ? before.data : null, error })),
    );
  }, [key, revision, attempt, connection]);

  const current = loaded.key === key ? loaded : { data: null, error: null };
  return {
    data: current.data,
    error: current.error,
    reload: () => setAttempt((before) => before + 1),
  };
}

/** The value, changing at most once per `ms`. */
export function useThrottled<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value);
  const changedAt = useRef(0);
  useEffect(() => {
    const waitMs = Math.max(0, changedAt.current + ms - Date.now());
    const timer = setTimeout(() => {
      changedAt.current = Date.now();
      setShown(value);
    }, waitMs);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return shown;
}
