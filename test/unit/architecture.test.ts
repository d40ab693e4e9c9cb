// The floors: what each room of src may import, and how large files and folders may become.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** By room, the rooms below it. The last ones stand on the ground. */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  library:
    'cli health doctor verify contents create prune restore settings dump jobs locks backups compression programs files server sql run',
  cli: 'health doctor verify contents create prune restore settings dump jobs locks backups compression programs files server sql run',
  health: 'jobs locks backups files server sql run',
  doctor: 'restore dump jobs locks backups compression programs files server sql run',
  verify: 'restore dump jobs backups server sql run',
  contents: 'jobs backups files server sql run',
  create: 'prune restore dump jobs backups compression server sql run',
  prune: 'jobs backups run',
  restore: 'dump jobs locks backups compression programs files server sql run',
  settings: 'backups compression server run',
  dump: 'jobs locks backups compression programs files server sql run',
  jobs: 'locks backups files server run',
  locks: 'backups files server run',
  backups: 'compression files server sql run',
  compression: 'programs run',
  programs: 'files server sql run',
  server: 'sql run',
  files: 'run',
  sql: 'run',
  run: '',
};

const MOST_FILES_IN_A_FOLDER = 15;
const MOST_LINES = 300;

/** Why these are longer. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'src/server/session/session-variables.ts': 'a table, one entry for each variable',
  'src/sql/lexer/sql-lexer.ts':
    'the hot loop over every byte of a dump: its state is private and stays in one class',
  'src/sql/databases/dump-databases.ts': 'one class that follows one state through a file',
  'src/sql/dump-reader.ts': 'one class that follows one state through a dump',
  'src/sql/script/load-plan-builder.ts': 'one class that follows one state through a dump',
};

const FILES = readdirSync(join(REPOSITORY, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(REPOSITORY, join(entry.parentPath, entry.name)));
const TEXTS = new Map(FILES.map((file) => [file, readFileSync(join(REPOSITORY, file), 'utf8')]));

/** The files that a file imports or exports from, types included. */
function importsOf(file: string): readonly string[] {
  const found = (TEXTS.get(file) ?? '').matchAll(/\b(?:from |import\()'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, path = '']) => join(dirname(file), path));
}

/** The first folder below src; none for what stands in src itself, which is the library's door. */
function roomOf(file: string): string | undefined {
  const [, room, rest] = file.split('/');
  return rest === undefined ? undefined : room;
}

const IMPORTS = FILES.flatMap((from) => importsOf(from).map((to) => ({ from, to })));

test('every import is of a file that is there', () => {
  expect(IMPORTS.length).toBeGreaterThan(500);
  expect(IMPORTS.filter(({ to }) => !TEXTS.has(to))).toEqual([]);
});

test('a room imports only rooms below it', () => {
  const upwards = IMPORTS.filter(({ from, to }) => {
    const [above, below] = [roomOf(from), roomOf(to)];
    if (above === undefined || above === below) return false;
    return below === undefined || !(MAY_IMPORT[above] ?? '').split(' ').includes(below);
  });
  expect(upwards).toEqual([]);
});

test('the rooms themselves stand on floors', () => {
  const rooms = Object.keys(MAY_IMPORT);
  for (const [index, room] of rooms.entries())
    for (const below of (MAY_IMPORT[room] ?? '').split(' ').filter((name) => name !== ''))
      expect([room, rooms.slice(index + 1).includes(below) || `above: ${below}`]).toEqual([room, true]);
  expect([...new Set(FILES.map(roomOf))].filter((room) => room !== undefined).sort()).toEqual(rooms.sort());
});

test('no file is in a circle', () => {
  const done = new Set<string>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    if (done.has(file)) return;
    if (open.includes(file)) {
      circles.push([...open.slice(open.indexOf(file)), file]);
      return;
    }
    open.push(file);
    for (const next of importsOf(file)) visit(next);
    open.pop();
    done.add(file);
  };
  for (const file of FILES) visit(file);
  expect(circles).toEqual([]);
});

test('no folder is crowded', () => {
  const counts = new Map<string, number>();
  for (const file of FILES) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MOST_FILES_IN_A_FOLDER)).toEqual([]);
});

test('no file is long but those that say why', () => {
  const long = FILES.filter((file) => (TEXTS.get(file) ?? '').split('\n').length - 1 > MOST_LINES);
  expect(long.sort()).toEqual(Object.keys(LONG_FILES).sort());
});

/** Unit tests of what is not in src. */
const NO_MIRROR = /^(architecture$|bundle$|campaign\/|docs\/)/;

test('each unit test stands where what it tests stands', () => {
  const tests = readdirSync(join(REPOSITORY, 'test/unit'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.test.ts'.length));
  /** A long test of one file may be split: `dump-reader-forms` is of `dump-reader`. */
  const mirrors = (name: string): boolean =>
    FILES.some(
      (file) => `src/${name}.ts` === file || `src/${name}`.startsWith(`${file.slice(0, -'.ts'.length)}-`),
    );
  expect(tests.length).toBeGreaterThan(100);
  expect(tests.filter((name) => !mirrors(name) && !NO_MIRROR.test(name))).toEqual([]);
});

test('CONTRIBUTING says the same of the rooms', () => {
  const text = readFileSync(join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` +\| ([^|]+) \|/gm)].map(([, room = '', below = '']) => [
    room,
    below.trim(),
  ]);
  const every = Object.entries(MAY_IMPORT).map(([room, below]) => {
    const list = below.split(' ').join(', ') || 'nothing';
    return [room, { library: 'everything', cli: 'everything but library' }[room] ?? list];
  });
  expect(rows).toEqual(every);
});
