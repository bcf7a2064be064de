import type { BlockPolicy } from "@gridledger/protocol/ledger/genesis";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { passedOver, readMissedTurns } from "@gridledger/protocol/ledger/turns";
import type { Head } from "../chain/head.ts";
import type { EngineEvent } from "../consensus/ports.ts";

/** What the engine is told of a new head; `nowMs` is Unix time. */
export function newHeightOn(
  { head, parentSeal }: { readonly head: Head; readonly parentSeal: Seal | undefined },
  { minBlockIntervalMs }: BlockPolicy,
  nowMs: number,
  baseTimeoutMs: number,
): EngineEvent {
  const { validators, hash } = head.validators;
  const height = head.height + 1;
  const leftMs = head.timeMs + minBlockIntervalMs - nowMs;
  return {
    type: "newHeight",
    height,
    parentHash: head.hash,
    ...(parentSeal === undefined ? {} : { parentSeal }),
    validators,
    validatorsHash: hash,
    passedOver: passedOver(readMissedTurns(head.state), validators, height),
    waitMs: Math.min(Math.max(0, leftMs), minBlockIntervalMs),
    baseTimeoutMs,
  };
}
