/** A message shows so many pairs of lines, and so much of a line. */
const MOST_SHOWN = 10;
const MOST_CHARACTERS = 240;

/** What is shown of a long line in front of the place where it differs. */
const LEAD_CHARACTERS = 60;

/** Lines that one text has instead of those of another; either may be empty. */
export interface Change {
  readonly expected: readonly string[];
  readonly found: readonly string[];
}

/**
 * The lines in which two texts differ, for a message: those of the backup, then what the server has instead.
 *
 * Of a line that is too long for a terminal only the part that differs is shown, with what stands around it.
 */
export function differingLines(expected: string, found: string): string {
  const changes = changesBetween(expected.split('\n'), found.split('\n'));
  const shown = changes.slice(0, MOST_SHOWN).flatMap(({ expected: ours, found: theirs }) => {
    const [one, other] = aroundDifference(ours.join('\n'), theirs.join('\n'));
    return [...told('the backup says', one), ...told('the server says', other)];
  });
  const more = changes.length - MOST_SHOWN;
  return [...shown, ...(more > 0 ? [`  and ${more} more ${more === 1 ? 'place' : 'places'}`] : [])].join(
    '\n',
  );
}

function told(who: string, text: string): readonly string[] {
  if (text === '') return [`  ${who}:  (nothing)`];
  return text.split('\n').map((line) => `  ${who}:  ${line.trim()}`);
}

/** Both texts as they are, or, when they are long, the parts that differ. */
function aroundDifference(one: string, other: string): readonly [string, string] {
  if (Math.max(one.length, other.length) <= MOST_CHARACTERS) return [one, other];
  let start = 0;
  while (start < Math.min(one.length, other.length) && one[start] === other[start]) start++;
  const from = Math.max(0, start - LEAD_CHARACTERS);
  const part = (text: string): string => {
    const end = from + MOST_CHARACTERS;
    return `${from > 0 ? '…' : ''}${text.slice(from, end)}${text.length > end ? '…' : ''}`;
  };
  return [part(one), part(other)];
}

/** Longer texts are compared line by line from both ends only. */
const LONGEST_TABLE = 4_000_000;

/** Where one list of lines differs from the other, by their longest common subsequence. */
export function changesBetween(expected: readonly string[], found: readonly string[]): readonly Change[] {
  let head = 0;
  while (head < Math.min(expected.length, found.length) && expected[head] === found[head]) head++;
  let tail = 0;
  const most = Math.min(expected.length, found.length) - head;
  while (tail < most && expected.at(-1 - tail) === found.at(-1 - tail)) tail++;
  const ours = expected.slice(head, expected.length - tail);
  const theirs = found.slice(head, found.length - tail);
  if (ours.length * theirs.length > LONGEST_TABLE) return [{ expected: ours, found: theirs }];
  const lengths = commonLengths(ours, theirs);
  const changes: { expected: string[]; found: string[] }[] = [];
  let [i, j] = [0, 0];
  let open: { expected: string[]; found: string[] } | undefined;
  const change = (): { expected: string[]; found: string[] } => {
    if (open === undefined) changes.push((open = { expected: [], found: [] }));
    return open;
  };
  while (i < ours.length || j < theirs.length) {
    const [one, other] = [ours[i], theirs[j]];
    if (one !== undefined && one === other) {
      open = undefined;
      i++;
      j++;
    } else if (one !== undefined && (other === undefined || lengths(i + 1, j) >= lengths(i, j + 1))) {
      change().expected.push(one);
      i++;
    } else if (other !== undefined) {
      change().found.push(other);
      j++;
    }
  }
  return changes;
}

/** How long the longest common subsequence of what follows two places is. */
function commonLengths(ours: readonly string[], theirs: readonly string[]): (i: number, j: number) => number {
  const width = theirs.length + 1;
  const lengths = new Uint32Array((ours.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = ours.length - 1; i >= 0; i--) {
    for (let j = theirs.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        ours[i] === theirs[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return at;
}
