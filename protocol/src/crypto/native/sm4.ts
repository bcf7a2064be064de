import { createCipheriv } from "node:crypto";
import type { Sm4Ctr } from "../sm4-gcm.ts";

/** SM4-CTR by OpenSSL. */
export const nativeSm4Ctr: Sm4Ctr = (key, counter, data) =>
  createCipheriv("sm4-ctr", key, counter).update(data);
