import { ApiError } from "@gridledger/protocol/api/client";
import type { ComponentChildren } from "preact";
import type { Resource } from "../resource.ts";
import { words } from "../state/language.ts";
import { Refusal } from "./refusal.tsx";

interface LoadedProps<T> {
  readonly resource: Resource<T>;
  readonly isEmpty?: (data: T) => boolean;
  readonly empty?: ComponentChildren;
  readonly children: (data: T) => ComponentChildren;
}

/** The four faces of loaded data: waiting, refused, empty, there. */
export function Loaded<T>({ resource, isEmpty, empty, children }: LoadedProps<T>) {
  const { data, error, reload } = resource;
  if (data === null) return error ? <Refusal error={error} retry={reload} /> : <Waiting />;
  if (isEmpty?.(data)) return <p class="notice">{empty}</p>;
  return (
    <>
      {error instanceof ApiError && <Refusal error={error} retry={reload} />}
      {children(data)}
    </>
  );
}

export function Waiting() {
  return (
    <p class="notice waiting" role="status">
      {words.value.common.loading}
    </p>
  );
}
