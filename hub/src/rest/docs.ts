import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Hono } from "hono";
import { StaticFiles } from "./static-files.ts";

/** What the page needs of swagger-ui-dist; nothing is loaded from another host. */
const names = new Set(["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"]);

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gridledger hub API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** validatorUrl: by default Swagger UI asks a host on the internet to judge the document. */
const start = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
`;

/** The API's documentation, offline. */
export function addDocs(app: Hono): void {
  const require = createRequire(import.meta.url);
  const files = new StaticFiles(dirname(require.resolve("swagger-ui-dist/package.json")));
  for (const path of ["/docs", "/docs/"]) app.get(path, (context) => context.html(page));
  app.get("/docs/start.js", (context) =>
    context.body(start, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  app.get("/docs/:name", async (context, next) => {
    const name = context.req.param("name");
    if (!names.has(name)) return next();
    return (await files.serve(`/${name}`, context.req.header("if-none-match"))) ?? next();
  });
}
