import { randomBytes } from "node:crypto";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import {
  encodeIdentity,
  type Identity,
  MAX_NAME_BYTES,
} from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { submitSigned } from "../keys/submit-signed.ts";
import type { Submitted } from "./outbox.ts";

/** An idle chain makes no blocks: far enough to survive a busy hour, near enough to end. */
const VALID_BLOCKS = 512;
const WAIT_MS = 8_000;

interface EnrollerDeps {
  readonly chain: Chain;
  /** The operator authority's; undefined on a hub that does not hold it. */
  readonly keys: KeyRing | undefined;
  readonly headHeight: () => number;
  readonly isKnown: (id: string) => boolean;
  readonly submit: (encoded: Uint8Array, waitMs: number) => Promise<Submitted>;
}

/** Signs enrolments with the operator authority's key and sends them like any transaction. */
export class Enroller {
  readonly #deps: EnrollerDeps;

  constructor(deps: EnrollerDeps) {
    this.#deps = deps;
  }

  /** @throws Fault FORBIDDEN, KEY_INVALID, IDENTITY_EXISTS, REQUEST_INVALID */
  async enrol(identity: Identity): Promise<Submitted & { readonly id: string }> {
    const { chain, headHeight, isKnown, keys } = this.#deps;
    if (keys === undefined) {
      throw new Fault("FORBIDDEN", "this hub does not hold the operator authority's key");
    }
    checkName(identity.name);
    const { suite } = chain;
    suite.checkPublicKey(identity.publicKey);
    const id = formatHex(identityId(suite.hash, identity.publicKey));
    if (isKnown(id)) throw new Fault("IDENTITY_EXISTS", `identity ${id} is already enrolled`);
    const body = {
      kind: kind.enrolment,
      validUntilHeight: headHeight() + VALID_BLOCKS,
      nonce: randomBytes(8),
      payload: encodeIdentity(identity),
    };
    return { ...(await submitSigned({ ...this.#deps, keys }, body, WAIT_MS)), id };
  }
}

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES || /[\p{C}]|^\s|\s$/u.test(name)) {
    throw new Fault(
      "REQUEST_INVALID",
      `a name has at most ${MAX_NAME_BYTES} bytes and no control characters`,
    );
  }
}
