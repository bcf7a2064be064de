import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { Opener, Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { type Escrow, recoverKey } from "@gridledger/protocol/recovery/escrow";

type Released = RouteAnswer<"recoveryRequest">["releases"];

interface Collected {
  /** The key again; undefined where too few good shares are left. */
  readonly pkcs8: Uint8Array | undefined;
  /** Custodians whose shares do not fit. */
  readonly bad: readonly number[];
}

/** Opens what was released to this key; bad shares are named and left out. @throws Fault SEALED_INVALID, RECOVERY_TOO_FEW */
export function collectKey(
  suite: Suite,
  escrow: Escrow,
  opener: Opener,
  released: Released,
): Collected {
  const shares = released.map(({ place, sealed }) => {
    return { place, sealed: Buffer.from(sealed, "base64url") };
  });
  const bad = badPlaces(() => recoverKey(suite, escrow, opener, shares));
  const good = shares.filter(({ place }) => !bad.includes(place));
  const isEnough = good.length >= escrow.commitments.length;
  return { bad, pkcs8: isEnough ? recoverKey(suite, escrow, opener, good) : undefined };
}

function badPlaces(recover: () => unknown): readonly number[] {
  try {
    recover();
    return [];
  } catch (thrown) {
    const isNamed = thrown instanceof Fault && thrown.code === "RECOVERY_SHARE";
    if (!isNamed) throw thrown;
    return (thrown.data?.places ?? []) as readonly number[];
  }
}
