import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { checkOrderHead, decodeBreakGlass, verifyBreakGlass } from "../governance/break-glass.ts";
import { equalBytes } from "../hex.ts";
import { finalityRule } from "./finality.ts";
import type { Chain } from "./genesis.ts";
import { decodeHeader, type Header, headerHash, MAX_HEADER_BYTES } from "./header.ts";
import { readSeal, type Seal, writeSeal } from "./seal.ts";
import { type ValidatorSet, validatorsHash } from "./validators.ts";

const PUBLIC_KEY_BYTES = 33;
const MAX_VALIDATORS = 1_024;
const MAX_BREAK_GLASS_BYTES = 65_536;

/**
 * One change of the validator set, self-proving: `[header, seal, [publicKey …]]`. The header of the
 * last block of the old set commits to the keys of the new one, so no transaction is needed. Where
 * organisations ordered the new set, the header does not, and the order stands as a fourth item.
 */
export interface Handover {
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  /** The new set, in its order. */
  readonly publicKeys: readonly Uint8Array[];
  /** `governance/break-glass`, encoded. */
  readonly breakGlass?: Uint8Array;
}

export function writeHandover(writer: CborWriter, handover: Handover): CborWriter {
  const { breakGlass } = handover;
  writer.array(breakGlass === undefined ? 3 : 4).bytes(handover.encodedHeader);
  writeSeal(writer, handover.seal).array(handover.publicKeys.length);
  for (const publicKey of handover.publicKeys) writer.bytes(publicKey);
  return breakGlass === undefined ? writer : writer.bytes(breakGlass);
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function readHandover(reader: CborReader): Handover {
  const items = reader.array("handover", 4);
  if (items < 3) throw new Fault("CBOR_SHAPE", `a handover has ${items} items`);
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const seal = readSeal(reader);
  const publicKeys: Uint8Array[] = [];
  for (let left = reader.array("publicKeys", MAX_VALIDATORS); left > 0; left--) {
    publicKeys.push(reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES));
  }
  const handover = { encodedHeader, seal, publicKeys };
  if (items === 3) return handover;
  return { ...handover, breakGlass: reader.bytes("breakGlass", MAX_BREAK_GLASS_BYTES) };
}

/**
 * The validator sets of a chain by height, as far as they were proven from the genesis on. A seal
 * counts only at the heights of its own set: the keys of a set that was replaced prove nothing later.
 */
export class ValidatorHistory {
  readonly #chain: Chain;
  readonly #spans: { readonly fromHeight: number; readonly set: ValidatorSet }[];

  constructor(chain: Chain) {
    this.#chain = chain;
    this.#spans = [{ fromHeight: 1, set: chain.firstSet }];
  }

  get latest(): ValidatorSet {
    return this.#spans.at(-1)!.set;
  }

  at(height: number): ValidatorSet {
    return this.#spans.findLast(({ fromHeight }) => fromHeight <= height)?.set ?? this.latest;
  }

  /** Takes handovers, ascending; those known already cost nothing. @throws Fault PROOF_INVALID, SEAL_INVALID */
  learn(handovers: readonly Handover[]): void {
    for (const { encodedHeader, seal, publicKeys, breakGlass } of handovers) {
      const fromHeight = decodeHeader(encodedHeader).height + 1;
      if (fromHeight <= this.#spans.at(-1)!.fromHeight) continue;
      const validators = publicKeys.map((publicKey) => ({ publicKey, name: "" }));
      const hash = validatorsHash(this.#chain.suite.hash, validators);
      const header = this.verify(encodedHeader, seal, [{ validators, hash }]);
      const next =
        breakGlass === undefined
          ? header.nextValidatorsHash
          : this.#ordered(header, encodedHeader, breakGlass);
      if (validators.length === 0 || !equalBytes(next, hash)) {
        throw new Fault("PROOF_INVALID", `block ${header.height} hands over to another set`);
      }
      this.#spans.push({ fromHeight, set: { validators, hash } });
    }
  }

  /** Hash of the set that a verified order names for the block after this header. */
  #ordered(header: Header, encodedHeader: Uint8Array, breakGlass: Uint8Array): Uint8Array {
    const { suite } = this.#chain;
    const document = decodeBreakGlass(breakGlass);
    verifyBreakGlass(this.#chain, document);
    const head = { height: header.height, hash: headerHash(suite.hash, encodedHeader) };
    const fault = checkOrderHead(document, head);
    if (fault !== undefined) throw fault;
    return validatorsHash(suite.hash, document.order.validators);
  }

  /**
   * The header, when it is final by the set of its height.
   *
   * @param next sets that may have mined the blocks after it
   * @throws Fault PROOF_INVALID, SEAL_INVALID, WORK_*
   */
  verify(encodedHeader: Uint8Array, seal: Seal, next: readonly ValidatorSet[] = []): Header {
    const { suite } = this.#chain;
    const header = decodeHeader(encodedHeader);
    const set = this.at(header.height);
    if (!equalBytes(header.validatorsHash, set.hash)) {
      throw new Fault(
        "PROOF_INVALID",
        `block ${header.height} was sealed by another validator set`,
      );
    }
    const blockHash = headerHash(suite.hash, encodedHeader);
    const later = this.#spans.filter(({ fromHeight }) => fromHeight > header.height);
    const sets = [set, ...later.map((span) => span.set), ...next];
    finalityRule(this.#chain).verify(sets, { header, blockHash }, seal);
    return header;
  }
}
