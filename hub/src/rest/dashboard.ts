import type { Hono } from "hono";
import { StaticFiles } from "./static-files.ts";

/** The console's files; a path of its router that is no file gets its page. */
export function addDashboard(app: Hono, directory: string): void {
  const files = new StaticFiles(directory);
  app.get("*", async (context, next) => {
    const { path } = context.req;
    const tag = context.req.header("if-none-match");
    const isPage = !(path.startsWith("/api/") || path.startsWith("/assets/"));
    const found =
      (await files.serve(path, tag)) ??
      (isPage ? await files.serve("/index.html", tag) : undefined);
    return found ?? next();
  });
}
