import { describe, expect, test } from 'vitest';
import { deferredIndexes } from '../../../../src/sql/script/deferred-indexes.ts';

/** As SHOW CREATE TABLE writes it. */
function table(items: readonly string[], options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4'): string {
  return `CREATE TABLE \`t\` (\n  ${items.join(',\n  ')}\n) ${options}`;
}

/** The three steps as text; undefined: all at once. */
function steps(
  create: string,
  referenced: readonly string[] = [],
): Record<'create' | 'indexes' | 'foreignKeys', string | undefined> | undefined {
  const late = deferredIndexes(Buffer.from(create), referenced);
  return (
    late && {
      create: late.create.toString(),
      indexes: late.indexes.toString(),
      foreignKeys: late.foreignKeys?.toString(),
    }
  );
}

const ID = '`id` int NOT NULL AUTO_INCREMENT';
const A = '`a` int DEFAULT NULL';
const PRIMARY = 'PRIMARY KEY (`id`)';
const KEY_A = 'KEY `a` (`a`)';

describe('lateIndexes', () => {
  test('takes plain indexes and foreign keys out, in their order', () => {
    const foreign = [
      'CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE',
      'CONSTRAINT `g` FOREIGN KEY (`id`, `a`) REFERENCES `q` (`x`, `y`)',
    ];
    const check = 'CONSTRAINT `ck` CHECK ((`a` > 0) and (`a` in (1,2)))';

    expect(steps(table([ID, A, PRIMARY, KEY_A, 'KEY `b` (`a`,`id`)', ...foreign, check]))).toEqual({
      create: table([ID, A, PRIMARY, check]),
      indexes: 'ALTER TABLE `t`\n  ADD KEY `a` (`a`),\n  ADD KEY `b` (`a`,`id`)',
      foreignKeys: `ALTER TABLE \`t\`\n  ADD ${foreign.join(',\n  ADD ')}`,
    });
  });

  test('knows names without quotes', () => {
    const text =
      'CREATE TABLE Tt (\n  Id int NOT NULL,\n  KEY Kk (Id),\n  CONSTRAINT Ff FOREIGN KEY (Id) REFERENCES Pp (Id)\n) ENGINE=InnoDB';

    expect(steps(text)).toEqual({
      create: 'CREATE TABLE Tt (\n  Id int NOT NULL\n) ENGINE=InnoDB',
      indexes: 'ALTER TABLE Tt\n  ADD KEY Kk (Id)',
      foreignKeys: 'ALTER TABLE Tt\n  ADD CONSTRAINT Ff FOREIGN KEY (Id) REFERENCES Pp (Id)',
    });
  });

  test('leaves a table as it is whose foreign keys, which may make indexes, stand in front of one', () => {
    const foreign = 'CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`)';

    expect(steps(table([ID, A, PRIMARY, foreign, KEY_A]))).toBeUndefined();
  });

  test.each([
    ['a unique index stays', ['UNIQUE KEY `u` (`a`)'], [KEY_A]],
    ['a plain index in front of a unique one stays', [KEY_A, 'UNIQUE KEY `u` (`a`)'], ['KEY `b` (`a`)']],
    ['so it does in front of a full-text one', [KEY_A, 'FULLTEXT KEY `ft` (`x`)'], ['KEY `b` (`a`)']],
    ['and in front of a spatial one', [KEY_A, 'SPATIAL KEY `sp` (`x`)'], ['KEY `b` (`a`)']],
    ['and in front of a vector one', [KEY_A, 'VECTOR KEY `vec` (`x`)'], ['KEY `b` (`a`)']],
    ['an index written in another way stays', ['KEY `h` USING HASH (`a`)'], [KEY_A]],
    ['a check stays', ['CONSTRAINT `ck` CHECK (`a` > 0)'], [KEY_A]],
  ])('%s', (_title, staying, late) => {
    expect(steps(table([ID, A, PRIMARY, ...staying, ...late]))).toEqual({
      create: table([ID, A, PRIMARY, ...staying]),
      indexes: `ALTER TABLE \`t\`\n  ADD ${late.join(',\n  ADD ')}`,
      foreignKeys: undefined,
    });
  });

  test.each([
    ['functional', "KEY `k` (((`a` + 1)),(cast(json_extract(`j`,_utf8mb4'$.x, (') as char(5) array)))"],
    ['descending', 'KEY `k` (`a` DESC,`b`(10))'],
    ['invisible', 'KEY `k` (`a`) /*!80000 INVISIBLE */'],
    ['ignored', 'KEY `k` (`a`) IGNORED'],
    ['with a comment', "KEY `k` (`a`) COMMENT 'it''s, (a \\' b)'"],
    ['with options', 'KEY `k` (`a`) USING BTREE KEY_BLOCK_SIZE=8'],
    ['with an odd name', 'KEY `we``ird,\n(name)` (`a`)'],
  ])('an index that is %s can be late', (_title, key) => {
    expect(steps(table([A, key]))).toMatchObject({
      create: table([A]),
      indexes: `ALTER TABLE \`t\`\n  ADD ${key}`,
    });
  });

  test.each([
    ['comments', "`b` int COMMENT 'a, KEY `x` (`b`), (;\n'"],
    ['names', "`KEY ``x`` (\n, b)` enum('a,(',')') NOT NULL"],
    ['generated columns', '`g` int GENERATED ALWAYS AS (coalesce(`a`,(1 + 2))) VIRTUAL'],
    ['invisible columns', '`i` int DEFAULT NULL /*!80023 INVISIBLE */'],
    ['defaults', "`d` text DEFAULT concat('(',uuid(),',')"],
    ['names and words outside of ASCII', "`größe` varchar(5) COMMENT '日本, ('"],
  ])('%s stay as they are', (_title, column) => {
    expect(steps(table([column, A, KEY_A]))).toEqual({
      create: table([column, A]),
      indexes: 'ALTER TABLE `t`\n  ADD KEY `a` (`a`)',
      foreignKeys: undefined,
    });
  });

  test('an odd name of the table goes along', () => {
    const late = steps(table([A, KEY_A]).replace('`t`', '`we``ird;\n(name)`'));

    expect(late?.indexes).toBe('ALTER TABLE `we``ird;\n(name)`\n  ADD KEY `a` (`a`)');
    expect(late?.create).toContain('CREATE TABLE `we``ird;\n(name)` (\n');
  });

  test('what is not UTF-8 comes through', () => {
    const create = Buffer.concat([
      Buffer.from("CREATE TABLE `t` (\n  `a` int COMMENT '"),
      Buffer.of(0xff, 0xfe),
      Buffer.from("',\n  KEY `a` (`a`)\n) ENGINE=InnoDB"),
    ]);

    expect(deferredIndexes(create, [])?.create.includes(Buffer.of(0xff, 0xfe))).toBe(true);
  });

  describe('AUTO_INCREMENT', () => {
    const AUTO = '`n` int NOT NULL AUTO_INCREMENT';

    test('keeps the secondary index that it needs', () => {
      expect(steps(table([A, AUTO, 'KEY `n` (`n`)', KEY_A]))).toMatchObject({
        create: table([A, AUTO, 'KEY `n` (`n`)']),
        indexes: 'ALTER TABLE `t`\n  ADD KEY `a` (`a`)',
      });
    });

    test('behind another index it keeps that one in place too', () => {
      expect(steps(table([A, AUTO, KEY_A, 'KEY `n` (`n`,`a`)']))).toBeUndefined();
      expect(steps(table([A, AUTO, KEY_A, 'KEY `n` (`n`)', 'KEY `b` (`a`)']))).toBeUndefined();
    });

    test('does not need an index in which it comes second', () => {
      expect(steps(table([A, AUTO, 'PRIMARY KEY (`n`)', 'KEY `an` (`a`,`n`)']))).toMatchObject({
        indexes: 'ALTER TABLE `t`\n  ADD KEY `an` (`a`,`n`)',
      });
    });
  });

  test('keeps what foreign keys of other tables need', () => {
    const create = table([ID, A, PRIMARY, KEY_A, 'KEY `b` (`b`,`a`)']);

    expect(steps(create, ['A'])).toMatchObject({
      create: table([ID, A, PRIMARY, KEY_A]),
      indexes: 'ALTER TABLE `t`\n  ADD KEY `b` (`b`,`a`)',
    });
    expect(steps(table([ID, A, PRIMARY, 'KEY `b` (`b`)', KEY_A]), ['a'])).toBeUndefined();
  });

  test.each([
    ['there is no secondary index', table([ID, PRIMARY])],
    ['there is only one that must stay', table([A, 'UNIQUE KEY `u` (`a`)'])],
    ['there are only foreign keys', table([A, 'CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`a`)'])],
    ['all are in front of one that stays', table([A, KEY_A, 'FULLTEXT KEY `ft` (`x`)'])],
    ['it is not InnoDB', table([A, KEY_A], 'ENGINE=MyISAM')],
    ['it names no engine', table([A, KEY_A], 'DEFAULT CHARSET=utf8mb4')],
    ['it has partitions', table([A, KEY_A], 'ENGINE=InnoDB\n PARTITION BY HASH (`a`)\nPARTITIONS 2')],
    [
      'it has partitions in a comment',
      table([A, KEY_A], 'ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`a`) PARTITIONS 2 */'),
    ],
    ['it has a history', table([A, KEY_A], 'ENGINE=InnoDB WITH SYSTEM VERSIONING')],
    ['it is a sequence', 'CREATE SEQUENCE `s` start with 1'],
    ['it is made from another one', 'CREATE TABLE `t` LIKE `u`'],
    ['it has more words than the servers write', `CREATE TABLE IF NOT EXISTS ${table([A, KEY_A]).slice(13)}`],
    ['an index is in a comment for some servers', table([A, '/*!80000 KEY `a` (`a`) */'])],
    ['several items are in one comment', table([`${A} /*!50100`, KEY_A, 'KEY `b` (`a`) */'])],
    ['a comment stands in front of a comma', table([`${A} -- note`, KEY_A])],
    ['a comment stands behind a comma', table([A, '-- note\n  KEY `a` (`a`)'])],
    ['a comment stands at the end', table([A, `${KEY_A} # note`])],
    ['a foreign key has no name', table([A, KEY_A, 'FOREIGN KEY (`a`) REFERENCES `p` (`a`)'])],
    ['a foreign key has half a name', table([A, KEY_A, 'CONSTRAINT FOREIGN KEY (`a`) REFERENCES `p` (`a`)'])],
    ['a column refers to another table', table(['`a` int REFERENCES `p` (`a`)', KEY_A])],
    ['a parenthesis is missing', 'CREATE TABLE `t` (\n  `a` int,\n  KEY `a` (`a`)'],
    ['a quote is missing', "CREATE TABLE `t` (\n  `a` int COMMENT 'x,\n  KEY `a` (`a`)\n) ENGINE=InnoDB"],
    ['it is empty', ''],
  ])('leaves a table whole when %s', (_title, create) => {
    expect(steps(create)).toBeUndefined();
  });
});
