/** One measured value; `limit` is what this machine could do at most, measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
  /** value ÷ limit. */
  readonly ratio?: number;
}

/** Four significant digits: more would claim a precision that a run does not have. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function figure(name: string, value: number, unit: string, limit?: number): Figure {
  if (limit === undefined) return { name, value: rounded(value), unit };
  return {
    name,
    value: rounded(value),
    unit,
    limit: rounded(limit),
    ratio: rounded(value / limit),
  };
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest value that a share of `fraction` of the values does not exceed. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}
