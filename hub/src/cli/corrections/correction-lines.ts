import type { CorrectionContent } from "@gridledger/protocol/metering/correction";
import type { StandingValue } from "@gridledger/protocol/metering/value-status";
import { formatScaled, formatTime } from "../output.ts";

/** What a correction says, for scripts. */
export function correctionView({
  meter,
  number,
  sequence,
  reason,
  words,
  ...rest
}: CorrectionContent) {
  const registers = rest.registers.map(({ obis, unit, scaler, values }) => ({
    ...{ obis, unit, scaler },
    values: values.map(({ timeMs, old, fresh }) => ({ timeMs, old, new: fresh })),
  }));
  return { meter, number, sequence, reason, words, registers };
}

/** The same, for people. */
export function correctionLines(content: CorrectionContent): string[] {
  const { meter, number, sequence, reason, words, registers } = content;
  return [
    `  which is correction ${number} of meter ${meter}, of its batch ${sequence} (${reason}: ${words}):`,
    ...registers.flatMap(({ obis, unit, scaler, values }) => {
      const text = ({ status, value }: StandingValue) =>
        status === "void" ? status : `${status} ${formatScaled(value, scaler)}`;
      return values.map(({ timeMs, old, fresh }) =>
        `    ${obis}  ${formatTime(timeMs)}: ${text(old)} → ${text(fresh)} ${unit}`.trimEnd(),
      );
    }),
    "  and a final block holds that batch, as the record itself proves;",
  ];
}
