import { writeFileSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { type Abi, encodeDeployData, encodeFunctionData, type Hex } from "viem";
import { readBytes } from "../files.ts";
import { compileSolidity } from "./compile-solidity.ts";

/** A compiled contract: `{"contractName", "abi", "bytecode"}`, as Hardhat and Foundry write it too. */
export interface Artifact {
  readonly contractName: string;
  readonly abi: Abi;
  readonly bytecode: Hex;
}

/** Compiles, and picks the named contract or the only one. @throws Fault SOLIDITY_INVALID */
export function compileArtifact(file: string, name: string | undefined): Artifact {
  const { contracts } = compileSolidity(file);
  // An interface or an abstract contract has no code.
  const deployable = contracts.filter((each) => name !== undefined || each.bytecode.length > 0);
  const found = name === undefined ? deployable.at(-1) : contracts.find((c) => c.name === name);
  if (found === undefined) {
    const known = contracts.map((each) => each.name).join(", ");
    throw new Fault("SOLIDITY_INVALID", `${file} has no contract ${name ?? ""}; it has: ${known}`);
  }
  const bytecode = `0x${Buffer.from(found.bytecode).toString("hex")}` as const;
  return { contractName: found.name, abi: found.abi as unknown as Abi, bytecode };
}

/** From a `.sol` file or an artifact. @throws Fault SOLIDITY_INVALID */
export function readArtifact(file: string, name: string | undefined): Artifact {
  if (file.endsWith(".sol")) return compileArtifact(file, name);
  try {
    const { contractName = "", abi, bytecode } = JSON.parse(readBytes(file).toString("utf8"));
    const code = typeof bytecode === "object" ? bytecode.object : bytecode; // Foundry's
    if (!Array.isArray(abi) || !/^0x[0-9a-fA-F]*$/.test(code))
      throw new Error("no abi, no bytecode");
    return { contractName, abi, bytecode: code };
  } catch (cause) {
    throw new Fault("SOLIDITY_INVALID", `${file} is not a compiled contract`, { cause });
  }
}

export function writeArtifact(path: string, artifact: Artifact): void {
  writeFileSync(path, `${JSON.stringify(artifact, null, 2)}\n`);
}

/** Arguments of the command line: JSON where it is JSON, else text; whole numbers of any size. */
export function parseArguments(texts: readonly string[]): unknown[] {
  return texts.map((text) => {
    if (/^-?\d+$/.test(text)) return BigInt(text);
    if (/^(?:true|false|\[|\{|")/.test(text)) return JSON.parse(text);
    return text;
  });
}

/** @throws Fault CONTRACT_SHAPE where the arguments are not the constructor's */
export function initCode({ abi, bytecode }: Artifact, args: readonly unknown[]): Uint8Array {
  return encoded(() => encodeDeployData({ abi, bytecode, args }));
}

/** @throws Fault CONTRACT_SHAPE where there is no such function or the arguments are not its */
export function callData(abi: Abi, functionName: string, args: readonly unknown[]): Uint8Array {
  return encoded(() => encodeFunctionData({ abi, functionName, args }));
}

function encoded(encode: () => Hex): Uint8Array {
  try {
    return Buffer.from(encode().slice(2), "hex");
  } catch (cause) {
    const { shortMessage, message } = cause as { shortMessage?: string; message: string };
    throw new Fault("CONTRACT_SHAPE", shortMessage ?? message, { cause });
  }
}

/** JSON with whole numbers of any size as text. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) => (typeof item === "bigint" ? item.toString() : item)),
  );
}
