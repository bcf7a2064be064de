import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import { ADDRESS_BYTES } from "../contracts/address.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import { Fault } from "../faults.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_CALL_DATA_BYTES = 131_072;
const MAX_QUERY_BYTES = 140_000;

/** What can be asked of a node's state. Numbers on the wire, never reused. */
const questions = { receipts: 1, account: 2, slot: 3, call: 4, standing: 5 } as const;

export type ContractQuestion =
  /** The receipts of a final block from the one of this number on. */
  | { readonly about: "receipts"; readonly height: number; readonly from: number }
  /** An account with its proof. */
  | { readonly about: "account"; readonly address: Uint8Array }
  /** A storage slot with its proof. */
  | { readonly about: "slot"; readonly address: Uint8Array; readonly slot: Uint8Array }
  /** What a call would return, without changing anything. */
  | {
      readonly about: "call";
      readonly from: Uint8Array;
      readonly to: Uint8Array;
      readonly data: Uint8Array;
      readonly gasLimit: number;
    }
  /** How an identity stands by its certificate, with its proof. */
  | { readonly about: "standing"; readonly identityId: Uint8Array };

/** `[version, 30, id, question, …]`: asks a node what its state holds. */
export interface ContractQuery {
  /** Chosen by the asker; stands in the answer. */
  readonly id: number;
  readonly question: ContractQuestion;
}

export function encodeContractQuery({ id, question }: ContractQuery): Uint8Array {
  const writer = startMessage(messageType.contractQuery, itemsOf(question), 256);
  writer.uint(id).uint(questions[question.about]);
  return writeQuestion(writer, question).finish();
}

function itemsOf({ about }: ContractQuestion): number {
  if (about === "call") return 8;
  return about === "account" || about === "standing" ? 5 : 6;
}

function writeQuestion(writer: CborWriter, question: ContractQuestion): CborWriter {
  switch (question.about) {
    case "receipts":
      return writer.uint(question.height).uint(question.from);
    case "account":
      return writer.bytes(question.address);
    case "standing":
      return writer.bytes(question.identityId);
    case "slot":
      return writer.bytes(question.address).bytes(question.slot);
    case "call": {
      const { from, to, data, gasLimit } = question;
      return writer.bytes(from).bytes(to).bytes(data).uint(gasLimit);
    }
  }
}

/** @throws Fault CBOR_* */
export function decodeContractQuery(encoded: Uint8Array): ContractQuery {
  const items = (encoded[0] ?? 0) - 0x80; // how many follow the question's number says its kind
  const reader = openMessage(encoded, {
    name: "contract query",
    type: messageType.contractQuery,
    items,
    maxBytes: MAX_QUERY_BYTES,
  });
  const id = reader.uint("id");
  const question = readQuestion(reader);
  reader.end();
  if (items !== itemsOf(question)) throw new Fault("CBOR_SHAPE", `${items} items in the query`);
  return { id, question };
}

function readQuestion(reader: CborReader): ContractQuestion {
  const number = reader.uint("question");
  const address = () => reader.fixedBytes("address", ADDRESS_BYTES);
  switch (number) {
    case questions.receipts:
      return { about: "receipts", height: reader.uint("height"), from: reader.uint("from") };
    case questions.account:
      return { about: "account", address: address() };
    case questions.standing:
      return {
        about: "standing",
        identityId: reader.fixedBytes("identityId", IDENTITY_ID_BYTES),
      };
    case questions.slot:
      return { about: "slot", address: address(), slot: reader.fixedBytes("slot", 32) };
    case questions.call:
      return {
        about: "call",
        from: address(),
        to: address(),
        data: reader.bytes("data", MAX_CALL_DATA_BYTES),
        gasLimit: reader.uint("gasLimit"),
      };
    default:
      throw new Fault("CBOR_SHAPE", `unknown question ${number}`);
  }
}
