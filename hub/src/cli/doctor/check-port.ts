import { createServer } from "node:net";
import { type Finding, ok, warn } from "./check.ts";

/** Free, or taken by somebody: then `start` takes the next one. */
export async function checkPort(name: string, host: string, port: number): Promise<Finding> {
  const reason = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (reason === undefined) return ok(name, `${host}:${port} is free`);
  return warn(name, `${host}:${port} is not free (${reason}): start takes the next one`);
}
