/** Where a database server is, and who reads from it. Never shown, never logged. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Undefined: in the clear. */
  readonly ssl: { readonly ca?: string; readonly rejectUnauthorized: boolean } | undefined;
  readonly statementTimeoutMs: number;
}
