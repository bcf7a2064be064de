import {
  type ContractSet,
  NO_CONTRACT_SET,
  type PlacedContract,
} from "../contracts/contract-set.ts";
import { channelRoles } from "./artifacts/channel-roles.ts";
import { energyMarket } from "./artifacts/energy-market.ts";
import { energyUnits } from "./artifacts/energy-units.ts";
import { meterRegistry } from "./artifacts/meter-registry.ts";
import { settlement } from "./artifacts/settlement.ts";
import { timeOfUse } from "./artifacts/time-of-use.ts";
import { catalogue } from "./catalogue.ts";

interface Artifact {
  readonly version: number;
  readonly code: string;
}

const artifacts: Readonly<Record<string, Artifact>> = {
  ChannelRoles: channelRoles,
  EnergyUnits: energyUnits,
  TimeOfUse: timeOfUse,
  Settlement: settlement,
  MeterRegistry: meterRegistry,
  EnergyMarket: energyMarket,
};

/** The library as a new genesis takes it in; meters by the quarter of an hour unless said otherwise. */
export function shippedContracts(
  meterIntervalMs: number = NO_CONTRACT_SET.meterIntervalMs,
): ContractSet {
  const placed = catalogue.map(({ name, address }): PlacedContract => {
    const { version, code } = artifacts[name]!;
    return { address, version, code: new Uint8Array(Buffer.from(code.slice(2), "hex")) };
  });
  return { meterIntervalMs, placed };
}
