/** What a check found. `warn` does not stop the network; `fail` does. */
export interface Finding {
  readonly check: string;
  readonly result: "ok" | "warn" | "fail";
  /** What was seen and, unless it is fine, what to do. */
  readonly detail: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, result: "ok", detail };
}

export function warn(check: string, detail: string): Finding {
  return { check, result: "warn", detail };
}

export function fail(check: string, detail: string): Finding {
  return { check, result: "fail", detail };
}
