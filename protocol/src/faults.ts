import { accessFaults } from "./fault-tables/access.ts";
import { auditFaults } from "./fault-tables/audit.ts";
import { authorityFaults } from "./fault-tables/authority.ts";
import { blocksFaults } from "./fault-tables/blocks.ts";
import { breakGlassFaults } from "./fault-tables/break-glass.ts";
import { brokerFaults } from "./fault-tables/broker.ts";
import { certificatesFaults } from "./fault-tables/certificates.ts";
import { consensusFaults } from "./fault-tables/consensus.ts";
import { contractsFaults } from "./fault-tables/contracts.ts";
import { copiesFaults } from "./fault-tables/copies.ts";
import { correctionFaults } from "./fault-tables/corrections.ts";
import { cryptographyFaults } from "./fault-tables/cryptography.ts";
import { encodingFaults } from "./fault-tables/encoding.ts";
import { ethereumFaults } from "./fault-tables/ethereum.ts";
import type { FaultInfo } from "./fault-tables/fault-table.ts";
import { governanceFaults } from "./fault-tables/governance.ts";
import { httpFaults } from "./fault-tables/http.ts";
import { keyRotationFaults } from "./fault-tables/key-rotation.ts";
import { mappingFaults } from "./fault-tables/mapping.ts";
import { marketFaults } from "./fault-tables/market.ts";
import { mempoolFaults } from "./fault-tables/mempool.ts";
import { meteringFaults } from "./fault-tables/metering.ts";
import { objectsFaults } from "./fault-tables/objects.ts";
import { processesFaults } from "./fault-tables/processes.ts";
import { recoveryFaults } from "./fault-tables/recovery.ts";
import { rpcFaults } from "./fault-tables/rpc.ts";
import { storageFaults } from "./fault-tables/storage.ts";
import { transactionsFaults } from "./fault-tables/transactions.ts";

/**
 * Every refusal in Gridledger has a code from this table, which is put together from one file per door
 * in `fault-tables`. Codes are never reused; add one to the file of the door that refuses.
 */
const table = {
  ...encodingFaults,
  ...cryptographyFaults,
  ...certificatesFaults,
  ...authorityFaults,
  ...transactionsFaults,
  ...mempoolFaults,
  ...blocksFaults,
  ...consensusFaults,
  ...governanceFaults,
  ...breakGlassFaults,
  ...contractsFaults,
  ...ethereumFaults,
  ...storageFaults,
  ...brokerFaults,
  ...httpFaults,
  ...accessFaults,
  ...meteringFaults,
  ...processesFaults,
  ...rpcFaults,
  ...recoveryFaults,
  ...mappingFaults,
  ...auditFaults,
  ...keyRotationFaults,
  ...objectsFaults,
  ...copiesFaults,
  ...correctionFaults,
  ...marketFaults,
};

export type FaultCode = keyof typeof table;

/** The table read with plain string keys, for codes that come from outside. */
export const faultTable: Readonly<Record<string, FaultInfo>> = table;

interface FaultOptions {
  /** Shown to the caller: must hold no secret. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Logged, never shown. */
  readonly cause?: unknown;
}

/** A coded refusal. `detail` is shown to the caller; without one the table's sentence is. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: FaultCode, detail = "", options: FaultOptions = {}) {
    super(detail === "" ? table[code].en : detail, { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.data = options.data ?? {};
  }
}

/** The thrown value as a Fault: itself where it is one, else `INTERNAL` with the value as its cause. */
export function asFault(thrown: unknown, code: FaultCode = "INTERNAL"): Fault {
  return thrown instanceof Fault ? thrown : new Fault(code, "", { cause: thrown });
}
