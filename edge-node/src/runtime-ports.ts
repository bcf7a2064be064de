import type { EngineWal } from "./engine/engine-host.ts";
import type { RestoredLog } from "./engine/restore.ts";

/** The consensus log on disk (`store/wal-*`). */
export interface ConsensusLog extends EngineWal {
  open(): Promise<RestoredLog & { readonly wal: "intact" | "damaged" | "missing" }>;
  close(): Promise<void>;
}

export interface RuntimeLog {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}
