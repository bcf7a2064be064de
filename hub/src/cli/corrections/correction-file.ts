import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeContent } from "@gridledger/protocol/metering/correction";
import { z } from "zod";
import { readJson, replaceFile } from "../files.ts";

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

const shape = z.strictObject({
  format: z.literal("gridledger-correction/1"),
  chainId: z.string().regex(/^[0-9a-f]{64}$/),
  content: base64url,
  agreement: base64url.nullable(),
});

/** A correction on its way from who makes it to who agrees to who sends it. */
export interface CorrectionFile {
  readonly encodedContent: Uint8Array;
  readonly agreement: Uint8Array | undefined;
}

/** @throws Fault CORRECTION_*, CHAIN_MISMATCH, FILE_UNREADABLE, CONFIG_INVALID */
export function readCorrectionFile(chain: Chain, path: string) {
  const parsed = shape.safeParse(readJson(path));
  if (!parsed.success) throw new Fault("CORRECTION_SHAPE", `${path} holds no correction`);
  const { chainId, content, agreement } = parsed.data;
  if (chainId !== formatHex(chain.chainId)) {
    throw new Fault("CHAIN_MISMATCH", `${path} is for chain ${chainId}`);
  }
  const encodedContent = Buffer.from(content, "base64url");
  const file: CorrectionFile = {
    encodedContent,
    agreement: agreement === null ? undefined : Buffer.from(agreement, "base64url"),
  };
  return { ...file, content: decodeContent(encodedContent) };
}

export function writeCorrectionFile(
  chain: Chain,
  path: string,
  { encodedContent, agreement }: CorrectionFile,
): void {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const file: z.output<typeof shape> = {
    format: "gridledger-correction/1",
    chainId: formatHex(chain.chainId),
    content: text(encodedContent),
    agreement: agreement === undefined ? null : text(agreement),
  };
  replaceFile(path, `${JSON.stringify(file, null, 2)}\n`, 0o644);
}
