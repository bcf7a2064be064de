import { existsSync, rmSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { z } from "zod";
import { readJson, replaceFile } from "../files.ts";

/** What an upload that was cut off needs to go on: without the same salts it would be another object. */
export interface BegunPut {
  readonly transaction: Uint8Array;
  readonly secret: Uint8Array;
}

const shape = z.strictObject({
  format: z.literal("gridledger-begun-put/1"),
  transaction: z.string(),
  secret: z.string(),
});

function fileOf(path: string): string {
  return `${path}.gridledger-put`;
}

export function keepBegun(path: string, { transaction, secret }: BegunPut): void {
  const content = {
    format: "gridledger-begun-put/1",
    transaction: Buffer.from(transaction).toString("base64url"),
    secret: Buffer.from(secret).toString("hex"),
  };
  replaceFile(fileOf(path), `${JSON.stringify(content)}\n`);
}

/** Undefined where nothing was begun. @throws Fault FILE_UNREADABLE, CONFIG_INVALID */
export function readBegun(path: string): BegunPut | undefined {
  const file = fileOf(path);
  if (!existsSync(file)) return undefined;
  const parsed = shape.safeParse(readJson(file));
  if (!parsed.success) throw new Fault("CONFIG_INVALID", `${file}: remove it to begin anew`);
  return {
    transaction: Buffer.from(parsed.data.transaction, "base64url"),
    secret: Buffer.from(parsed.data.secret, "hex"),
  };
}

export function dropBegun(path: string): void {
  rmSync(fileOf(path), { force: true });
}
