import type { Action, ConsensusContext } from "../ports.ts";
import type { Ballot } from "./ballot.ts";
import type { Electorate, NewHeight } from "./electorate.ts";
import type { Pacemaker } from "./pacemaker.ts";
import type { Voice } from "./voice.ts";

/** What the machine of one height is put together from. */
export interface HeightParts {
  readonly context: ConsensusContext;
  readonly event: NewHeight;
  readonly electorate: Electorate;
  readonly ballot: Ballot;
  readonly voice: Voice;
  readonly pacemaker: Pacemaker;
  readonly emit: (action: Action) => void;
}
