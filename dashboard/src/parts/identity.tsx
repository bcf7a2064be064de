import { ShortHash } from "./hash.tsx";

interface IdentityProps {
  readonly id: string;
  readonly name: string | null;
}

/** An identity by name and short id: two may bear one name. */
export function Identity({ id, name }: IdentityProps) {
  return (
    <span class="identity">
      {name}
      <ShortHash text={id} />
    </span>
  );
}
