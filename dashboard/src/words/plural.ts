/** "1 block", "2 blocks". */
export function plural(count: string, one: string): string {
  return count === "1" ? `1 ${one}` : `${count} ${one}s`;
}
