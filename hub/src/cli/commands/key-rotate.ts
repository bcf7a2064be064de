import { existsSync } from "node:fs";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { suiteById, suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { keyPageOf } from "@gridledger/protocol/keys/held-key";
import { formatKeyTurns, pageFileOf, turnsFileOf } from "@gridledger/protocol/keys/key-turns";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { encodeKeyRotation, proveRotation } from "@gridledger/protocol/ledger/key-rotation";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { Command } from "commander";
import { readBytes, replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { DEFAULT_KEY_DAYS, HomeKeys } from "../keys/home-keys.ts";
import { chooseHome, type Home } from "../network/home.ts";
import { DEFAULT_ORGANISATION } from "../network/provision-authority.ts";
import { formatTable, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

const WAIT_MS = 30_000;
const DEFAULT_AHEAD_BLOCKS = 32;
const VALID_BLOCKS = 512;

interface RotateOptions extends HubOptions {
  readonly suite?: string;
  readonly ahead: number;
  readonly owner: string;
  readonly days: number;
}

export function keyRotateCommand(): Command {
  return withHubOptions(new Command("rotate"))
    .description(
      "Make the next key page of an identity and rotate to it on the chain, while all runs",
    )
    .argument("<name>", "the page in the home's keys, e.g. bridge")
    .option("--suite <name>", "crypto suite of the new key; default: that of now")
    .option(
      "--ahead <blocks>",
      "from how many blocks on it signs",
      parseInteger,
      DEFAULT_AHEAD_BLOCKS,
    )
    .option("--owner <name>", "who must rotate it in time", DEFAULT_ORGANISATION)
    .option("--days <count>", "how long it is good from now on", parseInteger, DEFAULT_KEY_DAYS)
    .addHelpText(
      "after",
      examples("gridledger key rotate bridge", "gridledger key rotate bridge --suite sm"),
    )
    .action(run);
}

/** In an order in which every cut leaves keys that sign: page, heights, then the transaction. */
async function run(name: string, options: RotateOptions): Promise<void> {
  const home = chooseHome(options.home);
  const hub = connectHub(options);
  const encoded = (await hub.call("genesis")).encoded;
  const chain = decodeGenesis(Buffer.from(encoded, "base64url"));
  const id = identityOf(chain, home, name);
  const identity = formatHex(id);
  const known = await hub.call("identityKeys", { params: { identity } });
  const now = known.items.find(({ epoch }) => epoch === known.epoch)!;
  const epoch = now.epoch + 1;
  const suite = options.suite === undefined ? suiteById(now.suite) : suiteByName(options.suite);
  const fromHeight = known.height + options.ahead;
  const { owner, days } = options;
  const keys = new HomeKeys(home);
  const next = keys.next(suite, name, epoch, { owner, fromMs: Date.now(), days });
  const rotation = proveRotation(chain.chainId, next, {
    ...{ identityId: id, module: name, scheme: `${suite.name}-sign`, epoch },
    ...{ suiteId: suite.id, fromHeight },
  });
  const signer = keys.open(pageFileOf(home.page(name), now.epoch));
  const turns = known.items.filter((key) => key.epoch > 1 && key.epoch <= now.epoch);
  const file = turnsFileOf(home.page(name));
  replaceFile(file, formatKeyTurns([...turns.map(turnOf), { epoch, fromHeight }]));
  const by = { suite: suiteById(now.suite), signer };
  const { hash } = await submit(hub, chain, by, id, {
    ...{ kind: kind.keyRotation, validUntilHeight: known.height + VALID_BLOCKS },
    ...{ nonce: new Uint8Array(0), payload: encodeKeyRotation(rotation) },
  });
  const page = pageFileOf(home.page(name), epoch);
  const answer = { identity, epoch, suite: suite.name, fromHeight, page, transaction: hash };
  printAnswer(options, answer, () =>
    formatTable(Object.entries(answer).map(([title, value]) => [title, String(value)])),
  );
}

const turnOf = ({ epoch, fromHeight }: { epoch: number; fromHeight: number }) => {
  return { epoch, fromHeight };
};

/** The hash of the first key, which its page shows without being opened. @throws Fault KEY_PAGE_UNKNOWN */
function identityOf(chain: Chain, home: Home, name: string): Uint8Array {
  const file = home.page(name);
  if (!existsSync(file)) {
    throw new Fault(
      "KEY_PAGE_UNKNOWN",
      `${file} is missing; seal a clear key: gridledger key seal`,
    );
  }
  return identityId(chain.suite.hash, keyPageOf(readBytes(file), file).publicKey);
}

/** @throws Fault what the validators say to it, NOT_READY when it is not final in time */
async function submit(
  hub: Hub,
  chain: Chain,
  { suite, signer }: { readonly suite: Suite; readonly signer: Signer },
  sender: Uint8Array,
  body: Parameters<typeof signTransaction>[3],
): Promise<{ readonly hash: string }> {
  const transaction = signTransaction(suite, signer, chain.chainId, body, sender);
  const answer = await hub.call("submitTransaction", {
    query: { waitMs: WAIT_MS },
    body: { transaction: Buffer.from(transaction).toString("base64url") },
  });
  if (answer.state === "final") return answer;
  throw new Fault(
    "NOT_READY",
    `not final yet; the hub sends it on: gridledger query tx ${answer.hash}`,
  );
}
