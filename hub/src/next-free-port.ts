import { Fault } from "@gridledger/protocol/faults";

const MAX_TRIES = 50;

/** Starts on `port`, or on the next free one. @throws Fault PORT_IN_USE when 50 in a row are taken */
export async function onNextFreePort<Started>(
  port: number,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(port === 0 ? 0 : port + tries - 1);
    } catch (thrown) {
      const isTaken = thrown instanceof Fault && thrown.code === "PORT_IN_USE";
      if (!isTaken || tries === MAX_TRIES || port + tries > 65_535) throw thrown;
    }
  }
}
