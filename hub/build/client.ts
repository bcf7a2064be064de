import { fileURLToPath } from "node:url";
import { buildClientPackage } from "./client-package.ts";

const folder = fileURLToPath(new URL("../../dist/client", import.meta.url));
await buildClientPackage(folder);
console.log(`npm pack ${folder}`);
