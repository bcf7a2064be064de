import { existsSync, readdirSync, rmSync } from "node:fs";
import { encodeCommitteeParameters } from "@gridledger/protocol/committee/parameters";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import { type BlockPolicy, type Chain, encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { encodeWorkParameters, type WorkParameters } from "@gridledger/protocol/ledger/work";
import { shippedContracts } from "@gridledger/protocol/library/shipped";
import { makeDirectory, readGenesis, replaceFile } from "../files.ts";
import { DEFAULT_KEY_DAYS, HomeKeys } from "../keys/home-keys.ts";
import { type Home, validatorName } from "./home.ts";
import { DEFAULT_ORGANISATION } from "./provision-authority.ts";
import { type NetworkSettings, saveSettings } from "./settings.ts";

const CHANNEL = "main";

/**
 * Small enough blocks that a gateway's memory does not notice them, soon enough that a person does not
 * wait. An idle channel makes none, so the short interval costs nothing while nothing is submitted.
 */
const policy: BlockPolicy = {
  minBlockIntervalMs: 250,
  maxBatchDelayMs: 20,
  maxBlockBytes: 1_048_576,
  maxBlockTransactions: 4_096,
  maxTransactionBytes: 131_072,
};

/**
 * A block a second, final when six follow it: some seven seconds from submission to finality. The first
 * blocks of a new network come faster, until the difficulty has found its miners' power.
 */
const work: WorkParameters = {
  firstDifficulty: 50_000,
  minDifficulty: 1_000,
  intervalMs: 1_000,
  window: 32,
  finalityDepth: 6,
};

/** Some minutes of a busy channel; an idle one keeps its committee. */
const EPOCH_BLOCKS = 200;

/** Somebody who looks at simulated meters does not wait a quarter of an hour for a price. */
export const DEMONSTRATION_INTERVAL_MS = 60_000;

function parametersOf({ engine, seats }: NetworkSettings): Uint8Array | undefined {
  if (engine === "pow") return encodeWorkParameters(work);
  if (engine === "poa") return undefined;
  return encodeCommitteeParameters({ seats, epochBlocks: EPOCH_BLOCKS });
}

const ours =
  /^(?:keys|logs|lock(?:-journal)?|genesis\.cbor|tls|ca|hub|bridge|validator-\d+|.*\.new)$/;

/**
 * Makes the keys, the genesis and the settings of a new network, or reads those of the home. The
 * settings file comes last: a first start that was cut off is done again from the beginning.
 *
 * @throws Fault CONFIG_INVALID, FILE_UNREADABLE, GENESIS_INVALID
 */
export function provision(
  home: Home,
  settings: NetworkSettings,
  { isDemonstration = false }: { readonly isDemonstration?: boolean } = {},
): { readonly chain: Chain; readonly isNew: boolean } {
  if (existsSync(home.settings)) return { chain: readGenesis(home.genesis), isNew: false };
  refuseForeign(home);
  for (const path of [home.keys, home.tls, home.ca]) rmSync(path, { recursive: true, force: true });
  for (const path of [home.keys, home.logs]) makeDirectory(path);
  const suite = suiteByName(settings.suite);
  const parameters = parametersOf(settings);
  const encoded = encodeGenesis({
    channel: CHANNEL,
    suite: suite.name,
    engine: settings.engine,
    createdMs: Date.now(),
    policy,
    identities: createIdentities(home, suite, settings.validators),
    ...(parameters && { engineParameters: parameters }),
    contracts: shippedContracts(isDemonstration ? DEMONSTRATION_INTERVAL_MS : undefined),
  });
  replaceFile(home.genesis, encoded, 0o644);
  saveSettings(home, settings);
  return { chain: readGenesis(home.genesis), isNew: true };
}

function createIdentities(home: Home, suite: Suite, validators: number): Identity[] {
  const keys = new HomeKeys(home);
  const period = { owner: DEFAULT_ORGANISATION, fromMs: Date.now(), days: DEFAULT_KEY_DAYS };
  const create = (name: string, role: Role): Identity => ({
    name,
    role,
    publicKey: keys.create(suite, name, period).publicKey,
  });
  return [
    create("hub", "hub"),
    create("operator", "operator"),
    create("bridge", "device"),
    ...Array.from({ length: validators }, (_, i) => create(validatorName(i), "validator")),
  ];
}

/** A home is its own directory: nothing is mixed into, or removed from, what is somebody else's. */
function refuseForeign(home: Home): void {
  const foreign = readdirSync(home.root).find((name) => !ours.test(name));
  if (foreign === undefined) return;
  throw new Fault(
    "CONFIG_INVALID",
    `${home.root} is not a Gridledger home and holds other files ("${foreign}"): choose an empty directory as --home`,
  );
}
