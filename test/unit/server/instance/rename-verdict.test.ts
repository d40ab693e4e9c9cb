import { describe, expect, test } from 'vitest';
import { judgeRenames } from '../../../../src/server/instance/rename-verdict.ts';
import type {
  EndedStatement,
  RenameCounts,
  RenameVerdict,
} from '../../../../src/server/instance/rename-verdict.ts';

const ended = (schema: string, words: string, count = 1, maybeCutOff = false): EndedStatement => ({
  digest: words,
  schema,
  words,
  count,
  maybeCutOff,
});
const counts = (
  renames: number,
  alters: number,
  statements: readonly EndedStatement[] = [],
  running = { renames: 0, alters: 0 },
): RenameCounts => ({ begun: { renames, alters }, seen: { running, ended: statements }, unseen: 0 });
const unseen = (renames: number, alters: number): RenameCounts => ({
  begun: { renames, alters },
  seen: undefined,
  unseen: 0,
});

const EARLIER = ended('shop', 'RENAME TABLE `a` TO `b`');

describe('judgeRenames', () => {
  test.each<{ title: string; before?: RenameCounts; after: RenameCounts; verdict: RenameVerdict }>([
    { title: 'nothing was said', after: counts(5, 7, [EARLIER]), verdict: 'none' },
    {
      title: 'a table of the database in use',
      after: counts(6, 7, [ended('shop', 'RENAME TABLE `a` TO `b`', 2)]),
      verdict: 'here',
    },
    {
      title: 'a table named with its database, in no database',
      after: counts(6, 7, [EARLIER, ended('', 'RENAME TABLES `Shop` . `a` TO `b` . `a`')]),
      verdict: 'here',
    },
    {
      title: 'a table moved in from another database',
      after: counts(6, 7, [EARLIER, ended('blog', 'RENAME TABLE `a` TO `shop` . `a`')]),
      verdict: 'here',
    },
    {
      title: 'the swap of a restore of another database, of which the server keeps the beginning',
      after: counts(6, 7, [
        EARLIER,
        ended(
          'dbbackup_old_xpm4mhz3',
          'RENAME TABLE `blog` . `a` TO `dbbackup_old_xpm4mhz3` . `a` , `bl',
          1,
          true,
        ),
      ]),
      verdict: 'none',
    },
    {
      title: 'the swap of a restore of this database, of which the server keeps the beginning',
      after: counts(6, 7, [
        EARLIER,
        ended(
          'dbbackup_old_xpm4mhz3',
          'RENAME TABLE `shop` . `a` TO `dbbackup_old_xpm4mhz3` . `a` , `sh',
          1,
          true,
        ),
      ]),
      verdict: 'here',
    },
    {
      title: 'ALTER TABLE … RENAME',
      after: counts(5, 8, [EARLIER, ended('shop', 'ALTER TABLE `a` RENAME AS `b`')]),
      verdict: 'here',
    },
    {
      title: 'a partition exchanged',
      after: counts(5, 8, [EARLIER, ended('shop', 'ALTER TABLE `a` EXCHANGE PARTITION `p` WITH TABLE `b`')]),
      verdict: 'here',
    },
    {
      title: 'a prepared statement',
      after: counts(6, 7, [EARLIER, ended('shop', 'EXECUTE RENAME TABLE `a` TO `b`')]),
      verdict: 'here',
    },
    {
      title: 'an ALTER TABLE that renames nothing',
      after: counts(5, 8, [EARLIER, ended('shop', 'ALTER TABLE `a` ADD `b` INTEGER')]),
      verdict: 'none',
    },
    {
      title: 'a table of another database, and one whose table has the name of this one',
      after: counts(7, 7, [
        EARLIER,
        ended('blog', 'RENAME TABLE `a` TO `b`'),
        ended('', 'RENAME TABLE `x` . `shop` TO `x` . `y`'),
      ]),
      verdict: 'none',
    },
    {
      title: 'statements that still run',
      after: counts(6, 9, [EARLIER], { renames: 1, alters: 2 }),
      verdict: 'none',
    },
    {
      title: 'statements that had begun before',
      after: counts(5, 7, [EARLIER, ended('blog', 'ALTER TABLE `a` FORCE')]),
      verdict: 'none',
    },
    {
      title: 'a RENAME of which no text is known',
      after: counts(6, 7, [EARLIER]),
      verdict: 'unknown-rename',
    },
    { title: 'an ALTER of which no text is known', after: counts(5, 8, [EARLIER]), verdict: 'unknown-alter' },
    {
      title: 'a RENAME whose end may not be known',
      after: counts(6, 7, [EARLIER, ended('blog', 'RENAME TABLE `a` TO `b` ,', 1, true)]),
      verdict: 'unknown-rename',
    },
    {
      title: 'texts that were emptied',
      after: counts(6, 7),
      verdict: 'unknown-rename',
    },
    {
      title: 'no right to see texts, and nothing said',
      before: unseen(1, 1),
      after: unseen(1, 1),
      verdict: 'none',
    },
    { title: 'no right, and a RENAME', before: unseen(1, 1), after: unseen(2, 2), verdict: 'unknown-rename' },
    { title: 'no right, and an ALTER', before: unseen(1, 1), after: unseen(1, 2), verdict: 'unknown-alter' },
  ])('$title: $verdict', ({ before = counts(5, 7, [EARLIER]), after, verdict }) => {
    expect(judgeRenames(before, after, 'shop')).toBe(verdict);
  });
});
