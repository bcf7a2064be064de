import { contractTargets } from "./contract-targets.ts";
import { copyTargets } from "./copy-targets.ts";
import { correctionTargets } from "./correction-targets.ts";
import { frameTargets } from "./frame-targets.ts";
import type { Target } from "./fuzz.ts";
import { ledgerTargets } from "./ledger-targets.ts";
import { messageTargets } from "./message-targets.ts";
import { objectTargets } from "./object-targets.ts";
import { pkiTargets } from "./pki-targets.ts";
import { recordTargets } from "./record-targets.ts";
import { rowTargets } from "./row-targets.ts";
import { storeTargets } from "./store-targets.ts";

/** Every decoder that bytes of strangers, of a meter or of a disk reach. */
export const targets: Readonly<Record<string, Target>> = {
  ...ledgerTargets,
  ...messageTargets,
  ...pkiTargets,
  ...recordTargets,
  ...rowTargets,
  ...contractTargets,
  ...objectTargets,
  ...copyTargets,
  ...correctionTargets,
  ...storeTargets,
  ...frameTargets,
};

/** Named like a decoder without being one, and why. */
export const noDecoders: Readonly<Record<string, string>> = {
  "edge-node/src/consensus/poa/proposal-intake#readProposal": "gets a decoded message",
  "protocol/src/crypto/suite-package#readSuitePackage": "checks a module that the operator named",
  "protocol/src/governance/governance-state#readGovernance": "looks up the state",
  "protocol/src/keys/sealed-key#openSealedKey": "opens what decodeKeyPage has read",
  "protocol/src/keys/sealed-key#openKeyPage": "opens what decodeKeyPage has read",
  "protocol/src/keys/secret-page#openSecretPage": "opens what decodeKeyPage has read",
  "protocol/src/keys/unlock#readUnlock": "reads what the configuration names",
  "protocol/src/ledger/proven-transaction#parsePlaced":
    "the first step of verifyProof, which is fuzzed",
  "protocol/src/ledger/turns#readMissedTurns": "looks up the state",
  "firmware-bridge/src/frames/dlt645/data-identifier#parseDi": "reads the configuration",
  "firmware-bridge/src/frames/dlt645/requests#readAddressRequest": "writes a request",
  "firmware-bridge/src/frames/dlt645/requests#readDataRequest": "writes a request",
  "firmware-bridge/src/frames/dlt645/requests#readFollowUpRequest": "writes a request",
};
