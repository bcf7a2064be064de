import { Fault } from "../../faults.ts";

/** @throws Fault OBJECT_CONVERSION */
export function unfit(detail: string): never {
  throw new Fault("OBJECT_CONVERSION", detail);
}
