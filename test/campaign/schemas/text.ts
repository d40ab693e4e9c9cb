import type { Dice } from './dice.ts';

/** Stands where a space, a new line or a comment may be; no SQL of ours holds it. */
const GAP = '\u0001';

/**
 * SQL in which every space of the template itself is a place for a comment. What is put in stays as it is, so spaces in
 * names and strings are theirs.
 */
export function sql(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.map((part, index) => part.replace(/\s+/g, GAP) + String(values[index] ?? '')).join('');
}

/** A list with a place for a comment behind each comma. */
export function list(items: readonly string[]): string {
  return items.join(`,${GAP}`);
}

/** Statements one after the other, each with its `;`. */
export function block(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};${GAP}`).join('');
}

/** Without places: each is one space. */
export function plain(text: string): string {
  return text.replaceAll(GAP, ' ');
}

/** What a comment may hold to lead a reader of SQL astray. */
const SAYINGS = [
  'note',
  "it's",
  'say "so"',
  'a ` tick',
  'a; b',
  '$$',
  '//',
  'DELIMITER ;;',
  'END IF;',
  'BEGIN',
  'CASE WHEN',
  '-- twice',
  '# thrice',
  "';",
  'USE mysql;',
  'ünïcode 表',
  'a.b @c',
  '\\',
  "\\'",
  '*',
  '/',
  '',
];

/**
 * Puts spaces, new lines and comments where they may be: a comment at `density` of the places. Not right behind a `*`:
 * the two would end the version comment into which the dump tools put a trigger, and nobody could load that.
 */
export function seasoned(text: string, dice: Dice, density: number): string {
  return text.replaceAll(GAP, (_gap, at: number) => {
    if (!dice.chance(density)) return white(dice);
    return (text[at - 1] === '*' ? ' ' : '') + comment(dice);
  });
}

/** A comment at the end of a body, where nothing comes after it. */
export function lastComment(dice: Dice): string {
  return dice.pick([` /* ${saying(dice)} */`, `\n-- ${saying(dice)}\n`, `\n# ${saying(dice)}\n`]);
}

/** One that the end of the text ends, and no new line. */
export function unendedComment(dice: Dice): string {
  return dice.pick([` -- ${saying(dice)}`, ` # ${saying(dice)}`, ' --']);
}

function comment(dice: Dice): string {
  return dice.pick([
    ` -- ${saying(dice)}\n`,
    ` --\n`,
    ` # ${saying(dice)}\n`,
    ` /* ${saying(dice)} */ `,
    `/* ${saying(dice)} */`,
    '/**/',
    ` /*\n * ${saying(dice)}\n */ `,
    '/* */ -- \n',
  ]);
}

function saying(dice: Dice): string {
  return dice.pick(SAYINGS);
}

function white(dice: Dice): string {
  return dice.chance(0.85) ? ' ' : dice.pick(['  ', '\n', '\n  ', '\t', '\r\n']);
}
