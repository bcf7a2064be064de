export function MeterLink({ meter }: { readonly meter: string }) {
  return <a href={`/meters/${encodeURIComponent(meter)}`}>{meter}</a>;
}
