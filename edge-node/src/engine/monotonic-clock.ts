/** Time in ms that no setting of the clock moves. */
export function monotonicMs(): number {
  return performance.now();
}
