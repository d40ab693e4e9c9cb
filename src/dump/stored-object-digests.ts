import { createHash } from 'node:crypto';
import type { StoredObject } from '../server/catalog/database-facts.ts';
import { objectText } from '../sql/definitions/database-object.ts';

/**
 * sha256 of the server's description of each stored object, without the database's own name, which servers put in
 * front of the tables of a view.
 *
 * @param databases The database's current and former names.
 */
export function storedObjectDigests(
  objects: readonly StoredObject[],
  databases: readonly string[],
): Readonly<Record<string, string>> {
  const own = databases.map((name) => {
    const word = escaped(name);
    return String.raw`\`${escaped(name.replaceAll('`', '``'))}\`|(?<![\w$])${word}`;
  });
  const ownName = new RegExp(`(?:${own.join('|')})\\s*\\.\\s*`, 'gi');
  return Object.fromEntries(
    objects.map((object) => {
      const bare = object.text.replace(ownName, '').trim();
      return [objectText(object), createHash('sha256').update(bare).digest('hex')];
    }),
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
