import { createHash } from 'node:crypto';

/**
 * sha256 of what the server says of each program, apart from the database's own name, which servers put in front of
 * the tables of a view.
 *
 * @param databases What the database is called, and was.
 */
export function storedObjectDigests(
  programs: ReadonlyMap<string, string>,
  databases: readonly string[],
): Readonly<Record<string, string>> {
  const own = databases.map((name) => {
    const word = escaped(name);
    return String.raw`\`${escaped(name.replaceAll('`', '``'))}\`|(?<![\w$])${word}`;
  });
  const ownName = new RegExp(`(?:${own.join('|')})\\s*\\.\\s*`, 'gi');
  return Object.fromEntries(
    Array.from(programs, ([name, text]) => {
      const bare = text.replace(ownName, '').trim();
      return [name, createHash('sha256').update(bare).digest('hex')];
    }),
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
