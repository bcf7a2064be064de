import { Fault } from "../faults.ts";

/** Roles of identities on the wire. Numbers are never reused. */
export const roles = {
  validator: 1,
  /** A gateway or meter that submits readings. */
  device: 2,
  /** The utility's authority: enrols identities. */
  operator: 3,
  /** The hub: broker, follower, REST. */
  hub: 4,
  /** A trading app. */
  application: 5,
  /** A node that follows and may become a validator by vote; and one that was one. */
  candidate: 6,
  /** A member of the consortium. */
  organisation: 7,
  /** Manages the users of a hub. */
  administrator: 8,
  /** The regulator: only reads. */
  supervisor: 9,
  auditor: 10,
  /** Holds a share of the recovery key of encryption keys. */
  custodian: 11,
} as const;

export type Role = keyof typeof roles;

const names = new Map<number, Role>(
  (Object.entries(roles) as [Role, number][]).map(([name, number]) => [number, name]),
);

/** @throws Fault CBOR_SHAPE for an unknown number */
export function roleName(number: number): Role {
  const name = names.get(number);
  if (name === undefined) throw new Fault("CBOR_SHAPE", `unknown role number ${number}`);
  return name;
}
