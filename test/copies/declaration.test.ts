import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  encodeHolderDeclaration,
  type HoldingPlace,
} from "@gridledger/protocol/copies/holder-declaration";
import { holdersIn } from "@gridledger/protocol/copies/holder-table";
import { holderName } from "@gridledger/protocol/copies/placement";
import type { FaultCode } from "@gridledger/protocol/faults";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { ChainState } from "./chain-state.ts";

const node = (capacityBytes: number): HoldingPlace[] => [{ name: "", capacityBytes }];

describe("who keeps copies stands in the state", () => {
  const rig = () => {
    const builder = new ChainBuilder();
    const chain = new ChainState(builder);
    const declare = (by: Key, places: readonly HoldingPlace[]) => {
      builder.add([
        builder.governance(by, kind.holderDeclaration, encodeHolderDeclaration(places)),
      ]);
      chain.follow();
      return holdersIn(chain.state).map(holderName);
    };
    return { builder, chain, declare };
  };

  test("a node declares one place, a hub its stores, and both take back what they said", () => {
    const { builder, chain, declare } = rig();
    const [first] = builder.validators;
    const { hub } = builder;
    assert.deepEqual(declare(first!, node(1_000)), [first!.id]);
    const stores = ["archive", "pg"].map((name) => ({ name, capacityBytes: 5_000 }));
    const three = [first!.id, `${hub.id}/archive`, `${hub.id}/pg`];
    assert.deepEqual(declare(hub, stores), three);
    assert.equal(declare(first!, node(2_000)).length, 3);
    assert.equal(holdersIn(chain.state)[2]?.capacityBytes, 2_000);
    assert.deepEqual(declare(hub, []), [first!.id]);
    assert.deepEqual(declare(first!, []), []);
  });

  test("what nobody could place by is refused", () => {
    const refuses = (
      code: FaultCode,
      by: (builder: ChainBuilder) => Key,
      places: HoldingPlace[],
    ) => {
      const { builder, declare } = rig();
      assert.throws(() => declare(by(builder), places), { code });
    };
    const validator = ({ validators }: ChainBuilder) => validators[0]!;
    const hub = (builder: ChainBuilder) => builder.hub;
    refuses("SENDER_ROLE", ({ devices }) => devices[0]!, node(1));
    refuses("COPY_SHAPE", validator, [{ name: "archive", capacityBytes: 1 }]);
    refuses("COPY_SHAPE", hub, node(1));
    refuses("COPY_SHAPE", hub, [{ name: "a/../b", capacityBytes: 1 }]);
    refuses("COPY_SHAPE", hub, [{ name: "a", capacityBytes: 0 }]);
    const twice = { name: "a", capacityBytes: 1 };
    refuses("COPY_SHAPE", hub, [twice, twice]);
  });
});
