import { Fault } from "@gridledger/protocol/faults";

/** Letters that look alike in some font are taken for the same one, and so are pairs of them. */
const alike: readonly (readonly [RegExp, string])[] = [
  [/[._-]/g, ""],
  [/[0]/g, "o"],
  [/[1ij]/g, "l"],
  [/[5]/g, "s"],
  [/[2]/g, "z"],
  [/[8]/g, "b"],
  [/rn/g, "m"],
  [/vv/g, "w"],
  [/cl/g, "d"],
];

/** @throws Fault USER_NAME: letters of other scripts look like these (Unicode TS 39) and are not taken */
export function checkUserName(name: string): void {
  if (!/^[a-z][a-z0-9._-]{1,31}$/.test(name)) throw new Fault("USER_NAME");
}

/** @throws Fault USER_EXISTS, USER_LOOKALIKE */
export function checkUnlike(name: string, others: readonly string[]): void {
  for (const other of others) {
    if (other === name) throw new Fault("USER_EXISTS");
    if (skeleton(other) === skeleton(name)) {
      throw new Fault("USER_LOOKALIKE", `it looks like "${other}"`);
    }
  }
}

function skeleton(name: string): string {
  return alike.reduce((text, [pattern, letter]) => text.replace(pattern, letter), name);
}
