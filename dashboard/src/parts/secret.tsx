import { CopyHash } from "./hash.tsx";

interface SecretProps {
  readonly title: string;
  readonly secret: string;
}

/** Something that is shown this once. */
export function Secret({ title, secret }: SecretProps) {
  return (
    <div class="secret notice" role="status">
      <p>{title}</p>
      <CopyHash text={secret} name={title} />
    </div>
  );
}
