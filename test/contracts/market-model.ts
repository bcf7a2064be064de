/** The auction and the settlement of the market in plain numbers, for comparison with the contract. */

export interface ModelOrder {
  readonly meter: number;
  readonly isBuy: boolean;
  readonly quantityWh: number;
  readonly tick: number;
}

export interface ModelClearing {
  readonly priceTick: number;
  readonly volumeWh: number;
  readonly filledWh: readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** Uniform price, most traded, the middle of the best ticks; best prices first, the margin by running total. */
export function clearOrders(orders: readonly ModelOrder[], ticks: number): ModelClearing {
  const of = (isBuy: boolean, fits: (tick: number) => boolean) =>
    sum(orders.filter((o) => o.isBuy === isBuy && fits(o.tick)).map((o) => o.quantityWh));
  const traded = Array.from({ length: ticks }, (_, tick) =>
    Math.min(
      of(true, (t) => t >= tick),
      of(false, (t) => t <= tick),
    ),
  );
  const volumeWh = Math.max(...traded);
  if (volumeWh === 0) return { priceTick: 0, volumeWh, filledWh: orders.map(() => 0) };
  const best = traded.flatMap((volume, tick) => (volume === volumeWh ? [tick] : []));
  const priceTick = Math.floor((best[0]! + best.at(-1)!) / 2);
  const filled = new Array<number>(orders.length).fill(0);
  for (const isBuy of [true, false]) fillSide(orders, isBuy, volumeWh, filled);
  return { priceTick, volumeWh, filledWh: filled };
}

function fillSide(
  orders: readonly ModelOrder[],
  isBuy: boolean,
  volumeWh: number,
  filled: number[],
): void {
  const side = orders.flatMap((order, at) => (order.isBuy === isBuy ? [{ ...order, at }] : []));
  const ticks = [...new Set(side.map(({ tick }) => tick))].sort((a, b) => (isBuy ? b - a : a - b));
  let left = volumeWh;
  for (const tick of ticks) {
    const bucket = side.filter((order) => order.tick === tick);
    const total = sum(bucket.map(({ quantityWh }) => quantityWh));
    const shared = Math.min(left, total);
    let seen = 0;
    for (const { at, quantityWh } of bucket) {
      const share = (to: number) => Math.floor((to * shared) / total);
      filled[at] = share(seen + quantityWh) - share(seen);
      seen += quantityWh;
    }
    left -= shared;
  }
}

/** What a meter is owed: rounded down on both lines. */
export function owed(
  { tradedWh, meteredWh }: { readonly tradedWh: number; readonly meteredWh: number },
  prices: { readonly trade: number; readonly shortfall: number; readonly surplus: number },
): number {
  const deviationWh = meteredWh - tradedWh;
  const amount = (wh: number, price: number) => Math.floor((-wh * price) / 1_000);
  return (
    amount(tradedWh, prices.trade) +
    amount(deviationWh, deviationWh > 0 ? prices.shortfall : prices.surplus)
  );
}
