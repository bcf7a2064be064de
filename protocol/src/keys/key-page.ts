import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";

const VERSION = 1;
const MAX_PAGE_BYTES = 8_192;
const MAX_PUBLIC_KEY_BYTES = 256;
const MAX_WRAPPED_BYTES = 4_096;
const MAX_OWNER_BYTES = 128;
const MAX_NAME_BYTES = 64;
/** Names stand in file names and topics. */
const NAME = /^[a-z0-9][a-z0-9-]*$/;

/** What a key is for: one page per module, scheme and epoch, one key per page (guide §4.1.2 a). */
export interface KeyPageId {
  /** The part of Gridledger that uses the key, e.g. `hub-outbox`. */
  readonly module: string;
  /** See `keySchemeByName`, e.g. `international-sign`. */
  readonly scheme: string;
  /** 1 for the first key, one more with each rotation. */
  readonly epoch: number;
}

/** Everything about a page that may be shown. */
export interface KeyPageInfo extends KeyPageId {
  /** Who must rotate the key in time. */
  readonly owner: string;
  readonly publicKey: Uint8Array;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  /** The kind of token that holds the key: `software`, or a hardware token's name. */
  readonly token: string;
}

/** A page at rest. */
export interface KeyPage extends KeyPageInfo {
  /** The key as its token wrapped it: sealed, or only the name of an object inside hardware. */
  readonly wrapped: Uint8Array;
}

/** `module.scheme.epoch`: the page's name in a store. */
export function formatKeyPageId({ module, scheme, epoch }: KeyPageId): string {
  return `${module}.${scheme}.${epoch}`;
}

/** @throws Fault KEY_PAGE_INVALID */
export function validateKeyPageInfo(page: KeyPageInfo): void {
  for (const name of [page.module, page.scheme, page.token]) {
    if (name.length > MAX_NAME_BYTES || !NAME.test(name)) {
      throw new Fault("KEY_PAGE_INVALID", `"${name}" is not a name of letters, digits and hyphens`);
    }
  }
  const ownerBytes = Buffer.byteLength(page.owner);
  if (ownerBytes === 0 || ownerBytes > MAX_OWNER_BYTES) {
    throw new Fault("KEY_PAGE_INVALID", `an owner has 1–${MAX_OWNER_BYTES} bytes`);
  }
  if (page.epoch < 1) throw new Fault("KEY_PAGE_INVALID", "the first epoch is 1");
  if (page.validUntilMs <= page.validFromMs) {
    throw new Fault("KEY_PAGE_INVALID", "the period ends before it begins"); // guide §4.1.2 b)
  }
}

function writeInfo(writer: CborWriter, page: KeyPageInfo): CborWriter {
  return writer
    .uint(VERSION)
    .text(page.module)
    .text(page.scheme)
    .uint(page.epoch)
    .text(page.owner)
    .bytes(page.publicKey)
    .uint(page.validFromMs)
    .uint(page.validUntilMs)
    .text(page.token);
}

/** What a wrapped key is bound to: a page with another name, owner or period does not open. */
export function keyPageBinding(page: KeyPageInfo): Uint8Array {
  return writeInfo(new CborWriter().array(9), page).finish();
}

/** The file format: deterministic CBOR, one array of 10. */
export function encodeKeyPage(page: KeyPage): Uint8Array {
  return writeInfo(new CborWriter().array(10), page).bytes(page.wrapped).finish();
}

/** @throws Fault CBOR_*, KEY_PAGE_INVALID */
export function decodeKeyPage(encoded: Uint8Array): KeyPage {
  const reader = new CborReader(encoded, MAX_PAGE_BYTES);
  reader.tuple("key page", 10);
  const version = reader.uint("version");
  if (version !== VERSION)
    throw new Fault("KEY_PAGE_INVALID", `version ${version} is not supported`);
  const page: KeyPage = {
    module: reader.text("module", MAX_NAME_BYTES),
    scheme: reader.text("scheme", MAX_NAME_BYTES),
    epoch: reader.uint("epoch"),
    owner: reader.text("owner", MAX_OWNER_BYTES),
    publicKey: reader.bytes("publicKey", MAX_PUBLIC_KEY_BYTES),
    validFromMs: reader.uint("validFromMs"),
    validUntilMs: reader.uint("validUntilMs"),
    token: reader.text("token", MAX_NAME_BYTES),
    wrapped: reader.bytes("wrapped", MAX_WRAPPED_BYTES),
  };
  reader.end();
  validateKeyPageInfo(page);
  return page;
}
