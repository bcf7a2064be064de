import { formatHex } from "@gridledger/protocol/hex";
import type { EventOrAction } from "./sim-node.ts";

const types = ["", "PROPOSAL", "PREPARE", "COMMIT", "ROUND-CHANGE", "DECIDE", "CERTIFICATE"];

/** Type, height and round as they stand in the first bytes of every consensus message. */
function tellMessage(bytes: Uint8Array): string {
  const [height, at] = smallUint(bytes, 3);
  const [round] = smallUint(bytes, at);
  return `${types[bytes[2] ?? 0] ?? "?"} ${height}/${round}`;
}

function smallUint(bytes: Uint8Array, at: number): [value: number, next: number] {
  const first = bytes[at] ?? 0;
  if (first < 24) return [first, at + 1];
  if (first === 24) return [bytes[at + 1] ?? 0, at + 2];
  return [((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0), at + 3];
}

/** One line for a person, without the time and the name of the node. */
export function tell(what: EventOrAction): string {
  if (what.kind === "life") return `*** ${what.what}`;
  if (what.kind === "badSeal") return `   v${what.from} sent ${what.detail}`;
  if (what.kind === "threw") return `   ${what.detail}`;
  if (what.kind === "stored") return `   stored ${what.final.block.header.height}`;
  if (what.kind === "event") {
    const { event } = what;
    if (event.type === "message")
      return `<- ${tellMessage(event.bytes)} of ${event.publisher.slice(0, 4)}`;
    if (event.type === "newHeight") return `<- newHeight ${event.height}`;
    if (event.type === "restored")
      return `<- restored ${event.wal}, ${event.records.length} records`;
    if (event.type === "timer") return `<- timer ${event.id}`;
    return `<- ${event.type}`;
  }
  const { action } = what;
  if (action.type === "broadcast") return `-> ${tellMessage(action.bytes)}`;
  if (action.type === "record")
    return `   durable: ${action.records.map(({ kind }) => kind).join(", ")}`;
  if (action.type === "decide") {
    return `   DECIDED ${action.block.header.height} ${formatHex(action.block.blockHash).slice(0, 8)} in round ${action.seal.round}`;
  }
  if (action.type === "startTimer") return `   timer ${action.id} in ${action.delayMs} ms`;
  if (action.type === "reject" || action.type === "alarm")
    return `   ${action.type} ${action.code} ${action.detail}`;
  if (action.type === "evidence") return `   evidence against v${action.validator}`;
  return `   ${action.type}`;
}
