/** The tables that the bench fills: text, JSON, numbers and blobs, with six secondary indexes. */
export const BENCH_TABLES_SQL = `
CREATE TABLE customers (
  id INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(120) NOT NULL, city VARCHAR(40) NOT NULL,
  balance DECIMAL(12,2) NOT NULL, joined DATETIME NOT NULL);
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY, customer INT UNSIGNED NOT NULL, product INT NOT NULL, quantity SMALLINT NOT NULL,
  price DECIMAL(10,2) NOT NULL, weight DOUBLE NOT NULL, ordered DATETIME NOT NULL, state ENUM('new','paid','sent','done') NOT NULL);
CREATE TABLE articles (
  id INT UNSIGNED NOT NULL PRIMARY KEY, title VARCHAR(120) NOT NULL, body TEXT NOT NULL, published DATETIME NOT NULL);
CREATE TABLE events (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY, kind VARCHAR(20) NOT NULL, payload JSON NOT NULL, signature VARBINARY(48) NOT NULL, at DATETIME NOT NULL);
`;

/** Made after the rows: filling is not what is measured. */
export const BENCH_INDEXES_SQL = `
ALTER TABLE customers ADD UNIQUE KEY (email), ADD KEY (city, name);
ALTER TABLE orders ADD KEY (customer, ordered), ADD KEY (product);
ALTER TABLE articles ADD KEY (title);
ALTER TABLE events ADD KEY (kind, at);
`;

const STATEMENT_BYTES = 500_000;
const WORD_COUNT = 3000;

/** How much of the text each table gets, in parts of the whole. */
export type Shares = Readonly<Record<BenchTable, number>>;
export const BENCH_TABLES = ['customers', 'orders', 'articles', 'events'] as const;
type BenchTable = (typeof BENCH_TABLES)[number];

export const FOUR_TABLES: Shares = { customers: 0.08, orders: 0.22, articles: 0.45, events: 0.25 };
export const ONE_BIG_TABLE: Shares = { customers: 0, orders: 1, articles: 0, events: 0 };

/**
 * INSERT statements of about this many bytes altogether: as large as the dump will be. The same at every run. gzip makes a
 * third to a quarter of it, as of real databases.
 */
export function* benchRowsSql(totalBytes: number, shares = FOUR_TABLES): Generator<string> {
  const random = randomNumbers(20_261_122);
  const vocabulary = Array.from({ length: WORD_COUNT }, () => word(random));
  for (const table of BENCH_TABLES) {
    let left = totalBytes * shares[table];
    for (let id = 1; left > 0;) {
      // Joined once: looking at a string that grows copies it each time.
      const rows: string[] = [];
      const enough = Math.min(STATEMENT_BYTES, left);
      for (let bytes = 0; bytes < enough; id += 1) {
        const row = `(${id},${ROWS[table](id, random, vocabulary)})`;
        rows.push(row);
        bytes += row.length + 1;
      }
      const statement = `INSERT INTO ${table} VALUES ${rows.join(',')};\n`;
      yield statement;
      left -= statement.length;
    }
  }
}

/** Tables `t0`, `t1`, … with a secondary index and a few rows each, as many programs have them. */
export function* smallTablesSql(count: number, rowsEach: number): Generator<string> {
  const random = randomNumbers(count);
  const vocabulary = Array.from({ length: WORD_COUNT }, () => word(random));
  for (let n = 0; n < count; n += 1) {
    yield `CREATE TABLE t${n} (id INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL, at DATETIME NOT NULL, KEY (name));\n`;
    const rows = Array.from(
      { length: rowsEach },
      (_, id) => `(${id + 1},'${words(3, random, vocabulary)}','${time(random)}')`,
    );
    yield `INSERT INTO t${n} VALUES ${rows.join(',')};\n`;
  }
}

type Random = (below: number) => number;

const ROWS: Record<BenchTable, (id: number, random: Random, vocabulary: readonly string[]) => string> = {
  customers: (id, random, vocabulary) => {
    const [first, last] = [pick(random, vocabulary), pick(random, vocabulary)];
    return `'${first} ${last}','${first}.${last}${id}@example.com','${vocabulary[random(200)]!}',${cents(random, 1_000_000)},'${time(random)}'`;
  },
  orders: (_id, random) =>
    `${1 + random(100_000)},${random(20_000)},${1 + random(9)},${cents(random, 50_000)},${random(1_000_000) / 1000},'${time(random)}','${STATES[random(4)]!}'`,
  articles: (_id, random, vocabulary) =>
    `'${words(4, random, vocabulary)}','${words(80 + random(250), random, vocabulary)}','${time(random)}'`,
  events: (id, random, vocabulary) => {
    const signature = Array.from({ length: 6 }, () =>
      random(2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    const payload = `{"session": "${random(2 ** 31).toString(36)}", "user": ${random(100_000)}, "page": "/${pick(random, vocabulary)}/${random(5000)}", "agent": "${AGENTS[random(3)]!}", "tags": ["${pick(random, vocabulary)}", "${pick(random, vocabulary)}"], "ms": ${random(3000)}, "ok": ${random(10) > 0}}`;
    return `'${KINDS[random(5)]!}','${payload}',0x${signature},'${time(random, id)}'`;
  },
};

const STATES = ['new', 'paid', 'sent', 'done'];
const KINDS = ['view', 'click', 'search', 'login', 'purchase'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604.1',
  'curl/8.5.0',
];

function words(count: number, random: Random, vocabulary: readonly string[]): string {
  let text = pick(random, vocabulary);
  for (let n = 1; n < count; n += 1) text += `${random(12) === 0 ? '. ' : ' '}${pick(random, vocabulary)}`;
  return text;
}

/** Few words are used often and many seldom, as in language. */
function pick(random: Random, vocabulary: readonly string[]): string {
  const skewed = (random(2 ** 16) / 2 ** 16) ** 3;
  return vocabulary[Math.floor(skewed * vocabulary.length)]!;
}

function word(random: Random): string {
  const syllables = [
    'ba',
    'ter',
    'ion',
    'le',
    'mi',
    'sto',
    'ra',
    'ne',
    'qui',
    'van',
    'os',
    'del',
    'pre',
    'un',
    'ge',
  ];
  return Array.from({ length: 1 + random(4) }, () => syllables[random(syllables.length)]!).join('');
}

function cents(random: Random, below: number): string {
  return (random(below * 100) / 100).toFixed(2);
}

/** Between 2020 and 2026; rising with `id` when that is given. */
function time(random: Random, id?: number): string {
  const seconds = id === undefined ? random(6 * 365 * 86_400) : (id * 7 + random(7)) % (6 * 365 * 86_400);
  return new Date(Date.UTC(2020, 0, 1) + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** Mulberry32: fast, and the same numbers for the same seed. */
function randomNumbers(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
