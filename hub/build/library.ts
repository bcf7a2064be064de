import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileLibrary } from "./compile-library.ts";

const folder = new URL("../../protocol/src/library/artifacts/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const { name, ...artifact } of compileLibrary()) {
  const kebab = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const variable = `${name[0]!.toLowerCase()}${name.slice(1)}`;
  const fields = Object.entries(artifact).map(
    ([key, value]) => `  ${key}: ${JSON.stringify(value)},`,
  );
  const lines = [
    `// Made by "npm run library" from protocol/contracts/${name}.sol.`,
    `export const ${variable} = {`,
    ...fields,
    "} as const;",
    "",
  ];
  writeFileSync(new URL(`${kebab}.ts`, folder), lines.join("\n"));
  console.log(`${fileURLToPath(folder)}${kebab}.ts: ${(artifact.code.length - 2) / 2} bytes`);
}
