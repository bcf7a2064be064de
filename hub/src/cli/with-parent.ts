/**
 * Loaded into each process that `gridledger start` runs. A launcher that is killed cannot tell its
 * children: they see the channel to it close, and stop.
 */
const GRACE_MS = 4_000;

if (process.connected) {
  process.on("disconnect", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS).unref();
  });
  process.channel?.unref();
}
