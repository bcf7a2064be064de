import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { z } from "zod";

/** Values as the JSON-RPC of Ethereum writes them: quantities and data, both `0x` and hexadecimal digits. */
const quantity = z.string().regex(/^0x(?:0|[1-9a-fA-F][0-9a-fA-F]*)$/);
export const bytes32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
export const data = z
  .string()
  .max(300_000)
  .regex(/^0x(?:[0-9a-fA-F]{2})*$/);

/** A count: quantities beyond 2⁵³ mean nothing here. */
export const count = quantity.transform((text, context) => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  context.addIssue("the number is too large");
  return z.NEVER;
});

/** Every block that is shown is final, so the four names mean the same. */
const named = z.enum(["latest", "pending", "safe", "finalized", "earliest"]);

/** A block by name, by number or by hash (EIP-1898). */
export const blockTag = z.union([
  named,
  count,
  z.object({ blockNumber: count }),
  z.object({ blockHash: bytes32, requireCanonical: z.boolean().optional() }),
]);
export type BlockTag = z.infer<typeof blockTag>;

/** A position in storage: a quantity, or 32 bytes. */
export const storageSlot = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((text) => Buffer.from(text.slice(2).padStart(64, "0"), "hex"));

/** What is to be called. Prices are taken and mean nothing; a value other than zero is refused. */
export const callObject = z.object({
  from: address.optional(),
  to: address.nullish(),
  gas: count.optional(),
  value: quantity.optional(),
  data: data.optional(),
  input: data.optional(),
});
export type CallObject = z.infer<typeof callObject>;

const oneOrMore = z.union([bytes32, z.array(bytes32).max(256)]).nullable();

export const logFilter = z.object({
  fromBlock: blockTag.optional(),
  toBlock: blockTag.optional(),
  blockHash: bytes32.optional(),
  address: z.union([address, z.array(address).max(256)]).nullish(),
  topics: z.array(oneOrMore).max(4).nullish(),
});
export type LogFilter = z.infer<typeof logFilter>;

export function toQuantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

export function toData(bytes: Uint8Array): string {
  return `0x${formatHex(bytes)}`;
}

export function fromData(text: string): Uint8Array {
  return Buffer.from(text.slice(2), "hex");
}

/** @throws Fault ETHEREUM_VALUE */
export function refuseValue(value: string | undefined): void {
  if (value !== undefined && BigInt(value) !== 0n) throw new Fault("ETHEREUM_VALUE");
}
