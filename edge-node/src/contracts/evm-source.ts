import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { sep } from "node:path";
import { Fault } from "@gridledger/protocol/faults";

/** What begins another frame: here the machine has to wait, so that its stack does not grow with each. */
const ENTERS =
  /\.interpreter\.(call|callCode|callDelegate|callStatic|create|create2|eofcreate|selfDestruct)\(/;
const INSTRUCTION = "async function (runState";
/** Methods of the interpreter that wait for the state alone. */
const STEPS = ["runStep", "getExternalBalance", "storageStore", "storageLoad"];
const METHOD = /(?=^ {4}(?:async )?[\w$]+\([^)]*\) \{$)/m;
const WAIT = /\b(?:async|await) /g;
/** What a module says otherwise, to the same effect: `[published, ours]`. */
type Phrase = readonly [string, string];
/** Of the loop and each step. */
const STEP_PHRASES: readonly Phrase[] = [
  [
    "await this.runStep(opCodeObj);",
    "const pending = this.runStep(opCodeObj); if (pending !== undefined) await pending;",
  ],
  ["this._getValidJumpDestinations(this._runState.code)", "analysed(this, this._runState.code)"],
  // Nobody listens to steps.
  [
    "if (this._evm.events.listenerCount('step') > 0 || this._evm.DEBUG) {\n                // Only",
    "if (this._evm.DEBUG) {\n                // Only",
  ],
  // Two searches less at each step: the flag is never set under Cancun.
  [
    "if ((this.common.isActivatedEIP(6800) || this.common.isActivatedEIP(7864)) &&\n                this._env.chargeCodeAccesses === true) {",
    "if (this._env.chargeCodeAccesses === true &&\n                (this.common.isActivatedEIP(6800) || this.common.isActivatedEIP(7864))) {",
  ],
];
/** Of a frame: all that stood in the last one is copied twice, and nobody reads the second copy. */
const FRAME_PHRASES: readonly Phrase[] = [
  [
    `runState: {
                ...interpreterRes.runState,
                ...result,
                ...interpreter._env,
            },`,
    "",
  ],
  [
    `{
                ...{ codeAddress: message.codeAddress },
                ...message,
                gasLimit,
            }`,
    "frameOf(message, gasLimit)",
  ],
];
/** What `runInterpreter` asks of a message. */
const FRAME = `
function frameOf(message, gasLimit) {
  const { to, caller, data, value, code, isStatic, depth, codeAddress, gasRefund } = message;
  const { chargeCodeAccesses, blobVersionedHashes, accessWitness, createdAddresses, selfdestruct } = message;
  return {
    to, caller, data, value, code, isStatic, depth, codeAddress, gasRefund, gasLimit,
    chargeCodeAccesses, blobVersionedHashes, accessWitness, createdAddresses, selfdestruct,
  };
}
`;
/** Where a code may jump is a matter of the code alone: found once for as long as somebody holds it. */
const ANALYSE_ONCE = `
const analyses = new WeakMap();
function analysed(interpreter, code) {
  let known = analyses.get(code);
  if (known === undefined) {
    known = interpreter._getValidJumpDestinations(code);
    analyses.set(code, known);
  }
  return known;
}
`;

const plain = (source: string): string => source.replace(WAIT, "");

/** Instructions answer at once, but for those that enter another frame. */
function instructions(source: string): string {
  const [head = "", ...bodies] = source.split(INSTRUCTION);
  const rest = bodies.map((body) =>
    ENTERS.test(body) ? INSTRUCTION + body : plain(INSTRUCTION + body),
  );
  return [head, ...rest].join("");
}

/** A step is a plain call; the loop waits where an instruction gave it a promise. */
function interpreter(source: string): string {
  const methods = source.split(METHOD).map((method) => {
    const name = /^ {4}async ([\w$]+)\(/.exec(method)?.[1] ?? "";
    if (!STEPS.includes(name)) return method;
    return plain(method.replace("await opFn.apply", "return opFn.apply"));
  });
  return STEP_PHRASES.reduce(rephrased, methods.join("")) + ANALYSE_ONCE;
}

function frames(source: string): string {
  return FRAME_PHRASES.reduce(rephrased, source) + FRAME;
}

/** @throws Fault INTERNAL where it does not say so */
function rephrased(source: string, [published, ours]: Phrase): string {
  if (source.includes(published)) return source.replace(published, ours);
  throw new Fault("INTERNAL", `the contract machine does not say: ${published}`);
}

interface Rewriting {
  readonly rewrite: (source: string) => string;
  /** SHA-256 of the one text that this was written for and read beside, hex. */
  readonly published: string;
}

const rewritings: Readonly<Record<string, Rewriting>> = {
  "evm.js": {
    rewrite: frames,
    published: "14b0644a17f6a3e321451da2adc84c43c4cecee34c1f930060b40cd00e60291f",
  },
  "interpreter.js": {
    rewrite: interpreter,
    published: "7a28938cf72c934e5f17cfe4a0a48c731c324625db0deea859f47b3c6ec71535",
  },
  "opcodes/EIP7928.js": {
    rewrite: plain,
    published: "f77ea633ef349d589d2e843d962152cdde2eb40a18907c6f26752a6c0ec111a6",
  },
  "opcodes/functions.js": {
    rewrite: instructions,
    published: "abfd99d7ade208966cc50c0893bdfbceeec422ff9ccbd996bbbdff4089cc1bce",
  },
  "opcodes/gas.js": {
    rewrite: plain,
    published: "83a451661b8b7a930df5ea74deaf2ff01801e6ae619826bbe4e2b752d377f65e",
  },
};

/**
 * A module of `@ethereumjs/evm` as the machine runs it (ADR 033). The library waits after each instruction
 * though its state answers at once; those waits are taken out of the text that is compiled, and nothing
 * else. @throws Fault INTERNAL where the text is not the one that this was written for
 */
export function evmSource(file: string): string {
  const source = readFileSync(file, "utf8");
  const name = file.split(sep).join("/").split("/dist/cjs/")[1] ?? "";
  const rewriting = rewritings[name];
  if (rewriting === undefined) return source;
  if (createHash("sha256").update(source).digest("hex") !== rewriting.published) {
    throw new Fault("INTERNAL", `${name} of the contract machine is of another version`);
  }
  return rewriting.rewrite(source);
}
