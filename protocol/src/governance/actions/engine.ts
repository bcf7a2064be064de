import { COMMITTEE, decodeCommitteeParameters } from "../../committee/parameters.ts";
import { asFault, Fault } from "../../faults.ts";
import { equalBytes } from "../../hex.ts";
import { isFinalByDepth } from "../../ledger/finality.ts";
import { MAX_SPANS } from "../in-force.ts";
import { type GovernanceAction, SEALING } from "./governance-action.ts";

const NAME = /^[a-z0-9@][a-z0-9@/._-]{0,63}$/;
const MAX_NAME_BYTES = 64;
export const MAX_PARAMETER_BYTES = 1_024;

/** Another consensus engine, or the same with other parameters (guide §4.2.2 e, f). */
export interface EngineChange {
  readonly type: "engine";
  /** The name in the registry of engines. */
  readonly engine: string;
  /** In the engine's own encoding. */
  readonly parameters: Uint8Array;
}

/** `[engine, parameters]` */
export const engineChange: GovernanceAction<EngineChange> = {
  ...{ number: 5, type: "engine", family: "protocol", slot: () => SEALING },
  write(writer, { engine, parameters }) {
    writer.array(2).text(engine).bytes(parameters);
  },
  read(reader) {
    reader.tuple("engine", 2);
    const engine = reader.text("engine", MAX_NAME_BYTES);
    if (!NAME.test(engine)) throw new Fault("PROPOSAL_SHAPE", "not the name of an engine");
    return { type: "engine", engine, parameters: reader.bytes("parameters", MAX_PARAMETER_BYTES) };
  },
  check({ engines }, { engine, parameters }) {
    const last = engines.at(-1)!;
    if (engines.length >= MAX_SPANS) {
      return new Fault("PROPOSAL_UNFIT", `a channel changes its engine ${MAX_SPANS - 1} times`);
    }
    // What was sealed by votes cannot go on by work, nor the other way: proofs know one rule a channel.
    if (isFinalByDepth(engine) || isFinalByDepth(last.engine)) {
      return new Fault("ENGINE_UNFIT", `${last.engine} runs, and ${engine} was proposed`);
    }
    const unfit = engine === COMMITTEE ? checkCommittee(parameters) : undefined;
    if (unfit !== undefined) return unfit;
    if (last.engine !== engine || !equalBytes(last.parameters, parameters)) return undefined;
    return new Fault("PROPOSAL_UNFIT", `${engine} runs already, with these parameters`);
  },
  apply: (inForce, { engine, parameters }, fromHeight) => {
    return { ...inForce, engines: [...inForce.engines, { fromHeight, engine, parameters }] };
  },
};

/** They are read at the end of the block before the change: what cannot be read would stop the chain. */
function checkCommittee(parameters: Uint8Array): Fault | undefined {
  try {
    decodeCommitteeParameters(parameters);
    return undefined;
  } catch (cause) {
    return new Fault("PROPOSAL_UNFIT", `committee: ${asFault(cause).message}`, { cause });
  }
}
