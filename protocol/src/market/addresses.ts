import { catalogue } from "../library/catalogue.ts";

function addressIn(name: string): Uint8Array {
  return catalogue.find((entry) => entry.name === name)!.address;
}

/** Where the energy market is on every channel whose genesis has it (docs/market.md). */
export const MARKET_ADDRESS: Uint8Array = addressIn("EnergyMarket");
export const REGISTRY_ADDRESS: Uint8Array = addressIn("MeterRegistry");
