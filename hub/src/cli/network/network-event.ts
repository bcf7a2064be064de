import type { Status } from "@gridledger/protocol/api/contract";
import type { ProcessError } from "./process-event.ts";

/** What `start` says while it works; under `--json` each is one line. */
export type NetworkEvent =
  | { event: "warning"; detail: string }
  | {
      event: "home";
      home: string;
      isNew: boolean;
      chainId: string;
      suite: string;
      validators: number;
    }
  | { event: "process-starting"; name: string }
  | { event: "process-ready"; name: string; pid: number | null; height: number | null; ms: number }
  | {
      event: "process-ended";
      name: string;
      code: number | null;
      signal: string | null;
      error: ProcessError | null;
    }
  | { event: "process-restarting"; name: string; delayMs: number }
  | { event: "process-refused"; name: string; code: string; detail: string; log: string }
  | { event: "port-taken"; service: "http" | "mqtt" | "mqtts"; wanted: number; used: number }
  | { event: "operator-password"; user: string; password: string }
  | { event: "ready"; url: string; mqttUrl: string; ms: number }
  | { event: "status"; status: Status }
  | { event: "stopping" }
  | { event: "stopped"; ms: number };

export type Report = (event: NetworkEvent) => void;
