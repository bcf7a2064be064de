import { formatCount, formatDecimal } from "../format/number.ts";
import { words } from "../state/language.ts";

interface CoverageProps {
  readonly mapping: {
    readonly coverage: number | null;
    readonly provableRows: number;
    readonly tableRows: number | null;
  };
}

/** Which share of a table's rows is provable; 100 % is all of them and nothing less. */
export function Coverage({ mapping: { coverage, provableRows, tableRows } }: CoverageProps) {
  const { mapping: name } = words.value;
  if (coverage === null) return <>{name.never}</>;
  const share = coverage < 1 ? `${formatDecimal(Math.min(coverage * 100, 99.99), 2)} %` : "100 %";
  const rows = formatCount(tableRows ?? 0);
  return (
    <>
      {share}
      <br />
      <small>{name.coverageOf(formatCount(provableRows), rows)}</small>
    </>
  );
}
