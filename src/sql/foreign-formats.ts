const MAGIC: readonly (readonly [what: string, start: string, at?: number])[] = [
  ['UTF-16 text', '\xff\xfe'],
  ['UTF-16 text', '\xfe\xff'],
  ['a zip archive', 'PK\x03\x04'],
  ['a zip archive', 'PK\x05\x06'],
  ['gzip', '\x1f\x8b'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['xz', '\xfd7zXZ\0'],
  ['bzip2', 'BZh'],
  ['a 7-Zip archive', '7z\xbc\xaf\x27\x1c'],
  ['a tar archive', 'ustar', 257],
  ['PDF', '%PDF-'],
  ['a PNG image', '\x89PNG'],
  ['a PostgreSQL archive (pg_dump)', 'PGDMP'],
  ['an SQLite database', 'SQLite format 3\0'],
  ['a shell script', '#!'],
];

const PATTERNS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['UTF-16 text', /^(?:[ -~]\0){4}|^(?:\0[ -~]){4}/],
  ['a PostgreSQL dump', /^(?:--[^\n]*\n|\s)*--\s*PostgreSQL database dump/],
  ['an SQLite dump', /^\s*PRAGMA foreign_keys/i],
  ['HTML', /^\s*<(?:!doctype html|html|head|body)/i],
  ['XML', /^\s*<(?:\?xml|mysqldump|[a-z_]+[ >])/i],
  ['JSON', /^\s*[[{]\s*["{}\]]/],
  // Two lines of at least two values each, of which none looks like SQL.
  ['CSV', /^[^\s'`(;*#-][^'`(;\n]{0,200}?[,\t][^'`(;\n]*\n[^'`(;\n]+[,\t]/],
];

/** How much of a file `looksLike` wants to see. */
export const SNIFFED_BYTES = 1024;

/**
 * What a file is when it is no dump of MySQL or MariaDB, by its first bytes; undefined when nothing speaks against a
 * dump. `a zip archive`, `HTML`, `a PostgreSQL dump`, …
 */
export function looksLike(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, SNIFFED_BYTES);
  const magic = MAGIC.find(([, start, at = 0]) => text.startsWith(start, at));
  return (magic ?? PATTERNS.find(([, pattern]) => pattern.test(text)))?.[0];
}

/** What writes the SQL of such a file to stdout: of an archive that holds one file, and of another encoding. */
export const UNPACKERS: Readonly<Record<string, string>> = {
  'UTF-16 text': 'iconv -f UTF-16 -t UTF-8', // PowerShell's `mysqldump … > dump.sql`
  'a zip archive': 'unzip -p',
  bzip2: 'bzcat',
  xz: 'xzcat',
};
