import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { MAX_NAME_BYTES } from "../ledger/enrolment.ts";
import type { StateTable } from "../ledger/state.ts";
import type { Validator } from "../ledger/validators.ts";
import {
  type EngineSpan,
  MAX_SPANS,
  MAX_VALIDATORS,
  type Membership,
  type Policies,
  type SuiteSpan,
} from "./in-force.ts";
import {
  type ActionFamily,
  familyName,
  familyNames,
  familyNumber,
  type GovernancePolicy,
  policyName,
  policyNumber,
} from "./policy.ts";

const PUBLIC_KEY_BYTES = 33;
const MAX_TEXT_BYTES = 128;
const MAX_PARAMETER_BYTES = 1_024;
/** The tables have one entry each. */
export const ONLY = "";
export type Only = typeof ONLY;

/** `v/` → `[changedAtHeight, [[publicKey, name] …]]`; absent while the set is the genesis' own. */
export const memberships: StateTable<Only, Membership> = {
  keyOf: (name) => `v/${name}`,
  encode({ changedAtHeight, validators }) {
    const writer = new CborWriter(16 + validators.length * 64).array(2).uint(changedAtHeight);
    writer.array(validators.length);
    for (const { publicKey, name } of validators) writer.array(2).bytes(publicKey).text(name);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("membership", 2);
    const changedAtHeight = reader.uint("changedAtHeight");
    const validators: Validator[] = [];
    for (let left = reader.array("validators", MAX_VALIDATORS); left > 0; left--) {
      reader.tuple("validator", 2);
      const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
      validators.push({ publicKey, name: reader.text("name", MAX_NAME_BYTES) });
    }
    reader.end();
    return { changedAtHeight, validators };
  },
};

/** `g/p` → `[[family, policy] …]`, all families; absent while they are the genesis'. */
export const policyTable: StateTable<Only, Policies> = {
  keyOf: (name) => `g/p${name}`,
  encode(policies) {
    const writer = new CborWriter(32).array(familyNames.length);
    for (const family of familyNames) {
      writer.array(2).uint(familyNumber(family)).uint(policyNumber(policies[family]));
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const policies: Partial<Record<ActionFamily, GovernancePolicy>> = {};
    for (let left = reader.array("policies", familyNames.length); left > 0; left--) {
      reader.tuple("policy", 2);
      const family = familyName(reader.uint("family"));
      if (family === undefined) throw new Fault("CBOR_SHAPE", "unknown family of actions");
      policies[family] = policyName(reader.uint("policy"));
    }
    reader.end();
    return policies as Policies;
  },
};

/** `g/e` → `[[fromHeight, engine, parameters] …]`; absent while the genesis' engine is the only one. */
export const engineTable: StateTable<Only, readonly EngineSpan[]> = {
  keyOf: (name) => `g/e${name}`,
  encode(engines) {
    const writer = new CborWriter(128).array(engines.length);
    for (const { fromHeight, engine, parameters } of engines) {
      writer.array(3).uint(fromHeight).text(engine).bytes(parameters);
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const engines: EngineSpan[] = [];
    for (let left = reader.array("engines", MAX_SPANS); left > 0; left--) {
      reader.tuple("engine", 3);
      const fromHeight = reader.uint("fromHeight");
      const engine = reader.text("engine", MAX_TEXT_BYTES);
      const parameters = reader.bytes("parameters", MAX_PARAMETER_BYTES);
      engines.push({ fromHeight, engine, parameters });
    }
    reader.end();
    return engines;
  },
};

/** `g/u` → `[[fromHeight, suiteId, packageName] …]`; absent while the genesis' suite is the only one. */
export const suiteTable: StateTable<Only, readonly SuiteSpan[]> = {
  keyOf: (name) => `g/u${name}`,
  encode(suites) {
    const writer = new CborWriter(128).array(suites.length);
    for (const { fromHeight, suiteId, packageName } of suites) {
      writer.array(3).uint(fromHeight).uint(suiteId).text(packageName);
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const suites: SuiteSpan[] = [];
    for (let left = reader.array("suites", MAX_SPANS); left > 0; left--) {
      reader.tuple("suite", 3);
      const fromHeight = reader.uint("fromHeight");
      const suiteId = reader.uint("suiteId");
      suites.push({ fromHeight, suiteId, packageName: reader.text("package", MAX_TEXT_BYTES) });
    }
    reader.end();
    return suites;
  },
};
