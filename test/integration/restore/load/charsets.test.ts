import { execa } from 'execa';
import { expect, test } from 'vitest';
import { expectSameDump, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { describeEachFlavour, isTurnOf } from '../../../harness/describe-each-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';

/**
 * A table of more than 1 MiB, whose indexes and foreign keys are made after its rows; names have a letter beyond ASCII.
 *
 * @param inKey The same in the names of a foreign key.
 */
function tables(letter: string, inKey: string): string {
  const rows = Array.from({ length: 1_200 }, (_, n) => `(${n}, 1, '${letter.repeat(50)}${'x'.repeat(900)}')`);
  return `
CREATE TABLE \`p${inKey}\` (\`i${inKey}\` int NOT NULL, PRIMARY KEY (\`i${inKey}\`)) ENGINE=InnoDB COMMENT='${letter}';
INSERT INTO \`p${inKey}\` VALUES (1);
CREATE TABLE \`c${letter}\` (
  \`i${letter}\` int NOT NULL COMMENT '${letter}',
  \`r${inKey}\` int DEFAULT NULL,
  \`v${letter}\` varchar(1000) CHARACTER SET utf8mb4 DEFAULT '${letter}',
  PRIMARY KEY (\`i${letter}\`),
  KEY \`k${letter}\` (\`r${inKey}\`),
  KEY \`l${letter}\` (\`v${letter}\`(20)),
  CONSTRAINT \`f${inKey}\` FOREIGN KEY (\`r${inKey}\`) REFERENCES \`p${inKey}\` (\`i${inKey}\`)
) ENGINE=InnoDB;
INSERT INTO \`c${letter}\` VALUES ${rows.slice(0, 600).join(',')};
INSERT INTO \`c${letter}\` VALUES ${rows.slice(600).join(',')};
`;
}

function programs(letter: string): string {
  return `
CREATE TRIGGER \`t${letter}\` BEFORE INSERT ON \`c${letter}\` FOR EACH ROW SET NEW.\`v${letter}\` = '${letter}';
CREATE VIEW \`w${letter}\` AS SELECT \`v${letter}\`, '${letter}' AS \`x${letter}\` FROM \`c${letter}\`;
`;
}

/**
 * As the server's own tool writes it for a client of that charset: rows in it, definitions in UTF-8. Views and triggers
 * with names beyond ASCII the tools write wrong, or not at all.
 */
async function dumpIn(charset: string, server: TestServer, database: string): Promise<Buffer> {
  const options = server.clientOptions.filter((option) => !option.startsWith('--default-character-set'));
  const { stdout } = await execa(
    server.dumpTool,
    [
      ...options,
      `--default-character-set=${charset}`,
      ...(server.flavour === 'mysql' ? ['--set-gtid-purged=OFF'] : []),
      database,
    ],
    { encoding: 'buffer', maxBuffer: 2 ** 28, stripFinalNewline: false },
  );
  return Buffer.from(stdout);
}

const HOW = [
  { how: 'beside the target', args: [] },
  { how: 'in place', args: ['--in-place'] },
];

async function expectAsTheStockClient(
  server: TestServer,
  text: Buffer,
  args: readonly string[],
): Promise<void> {
  const expected = await freshDatabase(server, { sql: text });
  const target = databaseToBeMade(server);

  const { stderr } = await succeeds(['restore', '-', '--to', target, ...args], { server, input: text });

  expectSameDump(await server.dump(target), await server.dump(expected));
  expect(stderr).not.toContain('differs from its definition in the backup');
}

describeEachFlavour('a dump in another charset than UTF-8', (server, servers) => {
  // The statements are the same, wherever they go.
  const ways = HOW.filter(({ args }) => args.length === 0 || isTurnOf('in place', server, servers));
  test.each(ways)('by the dump tool comes out $how as the stock client makes it', async ({ args }) => {
    const source = await freshDatabase(server, { sql: `SET NAMES utf8mb4;${tables('ä', 'ä')}` });
    const dump = await dumpIn('latin1', server, source);
    expect(dump.includes(Buffer.from('INSERT INTO `cä`', 'latin1'))).toBe(true);
    expect(dump.includes(Buffer.from('CREATE TABLE `cä`'))).toBe(true);

    await expectAsTheStockClient(server, dump, args);
  });

  // Which charset it is, one server after the other tells.
  const charsets = [
    { charset: 'latin1', byte: '\xe4' }, // ä
    { charset: 'latin1', byte: '\x80' }, // €
    { charset: 'cp1251', byte: '\xe4' }, // д
    { charset: 'greek', byte: '\xe4' }, // δ
  ].filter(({ charset, byte }) => byte === '\x80' || isTurnOf(charset, server, servers));
  test.each(ways.flatMap((way) => charsets.map((charset) => ({ ...way, ...charset }))))(
    'by hand, all of it in $charset, comes out $how as the stock client makes it',
    async (given) => {
      // MariaDB finds no column of a foreign key by a name in another charset than UTF-8 (1005), whoever sends it.
      const inKey = server.flavour === 'mysql' ? given.byte : 'p';
      const text = `SET NAMES ${given.charset};${tables(given.byte, inKey)}${programs(given.byte)}-- Dump completed\n`;
      await expectAsTheStockClient(server, Buffer.from(text, 'latin1'), given.args);
    },
  );
});
