/** Transaction kinds on the wire. Numbers are never reused. */
export const kind = {
  /** A reading batch of one meter; `protocol/metering/reading-batch`. */
  readings: 1,
  /** An identity enters the channel; `protocol/ledger/enrolment`. */
  enrolment: 2,
  /** A change of the validator set is proposed; `protocol/governance/proposal`. */
  proposal: 3,
  /** A validator says yes to one; `protocol/governance/approval`. */
  approval: 4,
  /** A validator contradicted itself; the payload is the message `protocol/messages/evidence`. */
  evidence: 5,
  /** Certificates were issued, renewed or revoked; `protocol/ledger/certificate-record`. */
  certificates: 6,
  /** Another key signs for the sender from a height on; `protocol/ledger/key-rotation`. */
  keyRotation: 7,
  /** An encryption key is kept, asked for, released or back; `protocol/ledger/recovery-record`. */
  recovery: 8,
  /** The order of organisations that names another validator set; `protocol/governance/break-glass`. */
  breakGlass: 24,
  /** A contract is deployed; `protocol/contracts/deployment`. */
  deployment: 10,
  /** A contract is called; `protocol/contracts/call`. */
  contractCall: 11,
  /** Rows of a mapped table; `protocol/ledger/mapping-anchor`. */
  mappingAnchor: 14,
  /** Lines of a hub's audit log; `protocol/audit/audit-anchor`. */
  auditAnchor: 15,
  /** A raw transaction of Ethereum, carried by an identity; `protocol/contracts/ethereum-transaction`. */
  ethereum: 12,
  /** An Ethereum account becomes an identity's; `protocol/contracts/account-binding`. */
  accountBinding: 30,
  /** A data object: the root of its chunks, and how it was cut; `protocol/objects/manifest`. */
  dataObject: 13,
  /** A replica has erased an object; `protocol/objects/erasure-receipt`. */
  erasureReceipt: 18,
  /** Where a node or hub keeps copies of objects; `protocol/copies/holder-declaration`. */
  holderDeclaration: 31,
  /** Readings say something else from now on; `protocol/metering/correction`. */
  correction: 19,
} as const;

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(kind).map(([name, number]) => [number, name]),
);

/** The kind's name, or `kind-N` where this version does not know it. */
export function kindName(number: number): string {
  return names.get(number) ?? `kind-${number}`;
}
