import { buildAll } from "./bundle.ts";

const built = await buildAll();
console.log(built ? "dist/ is built" : "dist/ is up to date");
