import type { ContractLog } from "../api/contracts-contract.ts";
import { keccak256 } from "../contracts/keccak.ts";
import { formatHex, parseHex } from "../hex.ts";

const WORD_BYTES = 32;

/** Events of the market and their fields, which stand one word each: the indexed first. */
const shapes = {
  OrderPlaced: {
    interval: "uint32",
    id: "bytes32",
    owner: "address",
    meter: "bytes32",
    clientId: "bytes32",
    isBuy: "bool",
    quantityWh: "uint48",
    price: "uint64",
  },
  OrderCancelled: { interval: "uint32", id: "bytes32", owner: "address" },
  OrderCleared: {
    interval: "uint32",
    id: "bytes32",
    owner: "address",
    isBuy: "bool",
    filledWh: "uint48",
    price: "uint64",
  },
  IntervalCleared: {
    interval: "uint32",
    price: "uint64",
    volumeWh: "uint64",
    demandWh: "uint64",
    supplyWh: "uint64",
  },
  Settled: {
    interval: "uint32",
    meter: "bytes32",
    owner: "address",
    tradedWh: "int64",
    meteredWh: "int64",
    tradeAmount: "int128",
    deviationAmount: "int128",
    change: "int128",
    state: "uint8",
  },
  IntervalForgotten: { interval: "uint32" },
} as const;

type Shapes = typeof shapes;
type WordType =
  | "uint8"
  | "uint32"
  | "uint48"
  | "uint64"
  | "int64"
  | "int128"
  | "bool"
  | "address"
  | "bytes32";
/** Money is a bigint; energy, prices and intervals are numbers; ids and addresses are text. */
type Value<Type> = Type extends "bool"
  ? boolean
  : Type extends "int128"
    ? bigint
    : Type extends "address" | "bytes32"
      ? string
      : number;

/** What the market said, and where: `place` is `height.index`, after which a subscription goes on. */
export type MarketNews = {
  readonly [Name in keyof Shapes]: {
    readonly name: Name;
    readonly place: string;
    readonly fields: {
      readonly [Field in keyof Shapes[Name]]: Value<Shapes[Name][Field]>;
    };
  };
}[keyof Shapes];

const nameByTopic = new Map(
  Object.entries(shapes).map(([name, fields]) => {
    const signature = `${name}(${Object.values(fields).join(",")})`;
    return [`0x${formatHex(keccak256(Buffer.from(signature)))}`, name as keyof Shapes];
  }),
);

/** Undefined for what is no order, trade or settlement: rules, or events of a later version. */
export function readMarketNews({
  height,
  index,
  topics,
  data,
}: ContractLog): MarketNews | undefined {
  const name = nameByTopic.get(topics[0] ?? "");
  if (name === undefined) return undefined;
  const words = Buffer.concat([...topics.slice(1), data].map((hex) => parseHex(hex.slice(2))));
  const types: readonly [string, string][] = Object.entries(shapes[name]);
  if (words.length !== WORD_BYTES * types.length) return undefined;
  const fields = types.map(([field, type], at) => {
    return [
      field,
      fieldOf(type as WordType, words.subarray(WORD_BYTES * at, WORD_BYTES * (at + 1))),
    ];
  });
  return { name, place: `${height}.${index}`, fields: Object.fromEntries(fields) } as MarketNews;
}

function fieldOf(type: WordType, word: Buffer): boolean | bigint | string | number {
  if (type === "bytes32") return `0x${formatHex(word)}`;
  if (type === "address") return `0x${formatHex(word.subarray(12))}`;
  const number = BigInt.asIntN(256, BigInt(`0x${formatHex(word)}`));
  if (type === "bool") return number !== 0n;
  return type === "int128" ? number : Number(number);
}
