/** Compares the numbers of two dotted versions: `10.11.19`, `9.7.4`; whatever follows the numbers is ignored. */
export function isOlder(version: string, than: string): boolean {
  const left = numbers(version);
  const right = numbers(than);
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function numbers(version: string): number[] {
  return (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}

/** The same numbers; packagers add words of their own. */
export function isSameVersion(one: string, other: string): boolean {
  return !isOlder(one, other) && !isOlder(other, one);
}
