/** Somebody who trades in the demonstration: one of its simulated meters (`network/demonstration`). */
export interface DemonstrationTrader {
  readonly name: string;
  readonly meter: string;
  /** OBIS codes. */
  readonly taken: readonly string[];
  readonly given: readonly string[];
}

const houseTaken = ["1-0:1.8.1", "1-0:1.8.2"];
const houseGiven = ["1-0:2.8.1", "1-0:2.8.2"];

export const demonstrationTraders: readonly DemonstrationTrader[] = [
  { name: "household", meter: "K8EG004046395507", taken: houseTaken, given: houseGiven },
  {
    name: "solar-house",
    meter: "3960221976967177082151037881335713",
    taken: houseTaken,
    given: houseGiven,
  },
  { name: "wind-cooperative", meter: "E0034006824910117", taken: houseTaken, given: houseGiven },
  { name: "workshop", meter: "250800000001", taken: ["1-0:1.8.0"], given: [] },
  { name: "supermarket", meter: "250800000002", taken: ["1-0:1.8.0"], given: [] },
];
