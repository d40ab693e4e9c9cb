import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** One row of the table: what one family did on one server. */
export interface ResultRow {
  readonly promises: string;
  readonly family: string;
  readonly fault: string;
  readonly server: string;
  readonly runs: number;
  readonly failures: number;
  readonly seed: number;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** Of dbbackup. */
  readonly commit: string;
  readonly node: string;
}

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const HEADINGS = [
  'Promises',
  'Family',
  'Fault',
  'Server',
  'Runs',
  'Failures',
  'Seed',
  'Date',
  'Commit',
  'Node',
];

const INTRODUCTION = `# What the campaign has shown

\`npm run campaign\` breaks things on purpose while the packed dbbackup works on real servers, and looks after every run
whether its promises held. Each session replaces the rows of what it ran and keeps the others. A row can be run again:
\`npm run campaign -- --only FAMILY --seed SEED --runs RUNS --server NAME\`.

| Promise | In words                                                                                             |
| ------- | ---------------------------------------------------------------------------------------------------- |
| P1      | What has a backup's name is a whole backup, whenever and whatever is killed                          |
| P2      | After a run that failed or was killed the next one succeeds, with no step by hand, and clears up     |
| P3      | A backup is made only if all that the server listed is in it, to the dump's own end                  |
| P5      | A file that was cut, flipped or appended to is refused before the target hears of it                 |
| P7      | A restore that is cut off leaves the target old or new, or says which command makes it so            |
| P9      | A restore succeeds only if every byte was loaded                                                     |
| P11     | Of runs that start at once on one database exactly one runs                                          |
| P12     | A lock of the dead is taken over at once, a lock of the living never                                 |
| P16     | A full disk is told, with path and reason, and costs no other backup                                 |
| P17     | A system call that fails, once or from then on, ends in a documented exit code with P1 and P7 intact |
| P18     | A connection that is cut, reset or silent ends the run in time, and leaves nothing visible           |
| P20     | A detached job that is dead is never told to be running                                              |
| P21     | The password is in no argument, environment, file or message                                         |
| P24     | A dump runs no program, reads no file and reaches no other database                                  |
| P33     | What create calls complete comes back byte for byte, and through the undo as well                    |
| P34     | What the stock client makes of another program's dump, a restore makes of it, too                    |
| P35     | No row that the server acknowledged before the swap is lost: it is in the safety backup              |

After every run: earlier backups are byte for byte as they were, and nothing is left of partial files, temporary files,
processes, locks, or scratch schemas; the password stands nowhere.
`;

/** Replaces the rows of the same family and server, and keeps the others. */
export async function recordResults(rows: readonly ResultRow[]): Promise<void> {
  const known = rowsOf(await readFile(RESULTS, 'utf8').catch(() => ''));
  const key = (row: readonly string[]): string => `${row[1] ?? ''} ${row[3] ?? ''}`;
  const fresh = rows.map(cellsOf);
  const replaced = new Set(fresh.map(key));
  const all = [...known.filter((row) => !replaced.has(key(row))), ...fresh].sort((a, b) =>
    key(a) < key(b) ? -1 : 1,
  );
  await writeFile(RESULTS, `${INTRODUCTION}\n${markdown([HEADINGS, ...all])}`);
}

/** The table for a terminal. */
export function resultTable(rows: readonly ResultRow[]): string {
  return markdown([HEADINGS, ...rows.map(cellsOf)]);
}

function cellsOf(row: ResultRow): readonly string[] {
  const { promises, family, fault, server, runs, failures, seed, date, commit, node } = row;
  return [promises, family, fault, server, String(runs), String(failures), String(seed), date, commit, node];
}

/** Rows of the results' table in a file that `recordResults` wrote. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .slice(text.indexOf(`| ${HEADINGS[0] ?? ''} `))
    .split('\n')
    .slice(2)
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.length === HEADINGS.length);
}

/** Padded as Prettier does it. */
function markdown(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [headings = [], ...body] = rows;
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}
