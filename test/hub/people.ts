import type { RestRole } from "@gridledger/protocol/api/access";
import { csrfTokenOf } from "../../hub/src/identity/sessions.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { type Rig, startRig } from "./rig.ts";

interface Person {
  readonly name: string;
  readonly roles: readonly RestRole[];
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A user with a password of their own, already signed in: what their browser would send. */
export async function signedInAs(rig: Rig, person: Person): Promise<Record<string, string>> {
  const { name, roles, attributes = {} } = person;
  await rig.store.transaction((db) =>
    rig.accounts.save(db, {
      ...{ name, roles, attributes, kind: "person", passwordHash: "" },
      ...{ isChosen: true, isEnabled: true, createdMs: 0, lastSignInMs: null },
    }),
  );
  const token = await rig.sessions.open(name, "console", "local");
  return { cookie: `gl_session=${token}`, "x-csrf-token": csrfTokenOf(token) };
}

/** A hub that tells strangers nothing, and its administrator `zhao.min`. */
export async function startAdministered() {
  const rig = await startRig(new ChainBuilder(), { anonymousReads: false });
  const admin = await signedInAs(rig, { name: "zhao.min", roles: ["administrator"] });
  return { rig, admin };
}
