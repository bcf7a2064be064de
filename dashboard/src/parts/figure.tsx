interface FigureProps {
  readonly name: string;
  /** Null while it is not known. */
  readonly value: string | null;
  readonly unit?: string;
  readonly note: string;
}

export function Figure({ name, value, unit, note }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value ?? "–"}
        {value !== null && unit && <small>{unit}</small>}
      </dd>
      <dd class="note">{note}</dd>
    </div>
  );
}
