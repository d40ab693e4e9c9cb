import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import { readInexactColumns } from '../../server/definitions/read-inexact-columns.ts';
import { rowsInBackup } from '../../sql/definitions/engines.ts';
import type { Finding } from '../finding/finding.ts';
import { quoteAccount } from '../../server/privileges/missing-privileges.ts';
import { constraintText, namedColumns } from '../../sql/definitions/inexact-columns.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { isEmpty } from '../../sql/definitions/object-names.ts';
import { namedRefusals } from '../../server/innodb/strict-mode.ts';
import type { DatabaseCheck, ExaminedDatabase } from '../finding/examined-database.ts';
import { dumpedRows } from '../../dump/prepare-dump.ts';
import { objectNames } from '../../server/catalog/database-facts.ts';

/** Tables that a backup does not capture at one moment. */
function examineTables({ facts, commandHere }: ExaminedDatabase): readonly Finding[] {
  const { database, tables } = facts;
  const finding = { check: 'tables', database } as const;
  if (isEmpty(objectNames(facts))) {
    return [
      {
        level: 'warning',
        ...finding,
        message: `${database} is empty, or the account may not see its contents.`,
        why: 'create refuses to back it up, because the two look the same.',
        fix: [commandHere('create', [database], ['--allow-empty'])],
      },
    ];
  }
  const among = (rows: ReturnType<typeof rowsInBackup>): DatabaseFacts['tables'] =>
    tables.filter(({ kind, engine }) => kind !== 'sequence' && rowsInBackup(engine) === rows);
  const unsafe = among('of its turn');
  const rowless = among('none');
  if (tables.length === 0) return [{ level: 'ok', ...finding, message: `${database} holds no tables.` }];
  if (unsafe.length + rowless.length === 0) {
    const count = `${tables.length} ${tables.length === 1 ? 'table' : 'tables'}`;
    return [
      {
        level: 'ok',
        ...finding,
        message: `${database} holds ${count}; a backup captures them at one moment.`,
      },
    ];
  }
  return [
    ...unsafe.map(({ name, engine }): Finding => ({
      level: 'warning',
      ...finding,
      message: `The table ${name} of ${database} uses the engine ${engine}, which has no transactions.`,
      why: 'It is not in the snapshot: writes during the dump may be captured only in part.',
      fix: [`ALTER TABLE ${quoteName(database)}.${quoteName(name)} ENGINE = InnoDB;`],
    })),
    ...rowless.map(({ name, engine }): Finding => ({
      level: 'warning',
      ...finding,
      message: `The rows of the table ${name} of ${database} are stored elsewhere (engine ${engine}).`,
      why: 'A backup contains only its definition.',
      fix: ['Back up its rows where they are stored.'],
    })),
  ];
}

/** Columns that lose digits in a backup. */
async function examineFloats({ server, facts, now }: ExaminedDatabase): Promise<readonly Finding[]> {
  const columns = await readInexactColumns(server, dumpedRows(facts), now);
  if (columns.length === 0) return [];
  return [
    {
      level: 'warning',
      check: 'tables',
      database: facts.database,
      message: `${facts.database} has FLOAT values of more than six significant digits: ${namedColumns(columns)}.`,
      why: `The dump tools print six, so a restore brings them back rounded.${constraintText(columns)}`,
      fix: ['Use DOUBLE or DECIMAL columns where every digit counts.'],
    },
  ];
}

/** Tables that a restore can create only with strict mode off, which our session switches off, too, if it may. */
async function examineStrictTables({
  server,
  facts,
  account,
}: ExaminedDatabase): Promise<readonly Finding[]> {
  const named = namedRefusals(facts.tables);
  if (named === undefined) return [];
  const [row] = await server.query('SELECT @@SESSION.innodb_strict_mode AS strict');
  const isStrict = Number(row?.['strict']) === 1;
  const who = quoteAccount(account);
  return [
    {
      level: isStrict ? 'problem' : 'warning',
      check: 'tables',
      database: facts.database,
      message: `InnoDB makes these tables of ${facts.database} only while innodb_strict_mode is OFF: ${named}.`,
      why: isStrict
        ? `The account ${who} may not switch it off, so a restore of them would fail.`
        : 'A restore switches it off automatically; other clients must do so themselves.',
      fix: isStrict
        ? [`GRANT SESSION_VARIABLES_ADMIN ON *.* TO ${who};`]
        : [
            'Row size: ROW_FORMAT=DYNAMIC, or fewer long columns. Options: ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=0.',
          ],
    },
  ];
}

export const TABLE_CHECKS: readonly DatabaseCheck[] = [examineTables, examineFloats, examineStrictTables];
