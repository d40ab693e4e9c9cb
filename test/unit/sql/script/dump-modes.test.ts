import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { type DumpReport } from '../../../../src/sql/dump-report.ts';
import { rareModesIn, withoutModes } from '../../../../src/sql/script/dump-modes.ts';
import { isSplittable, type LoadPlan } from '../../../../src/sql/script/load-plan.ts';
import { SERVERS_MODE } from '../../../../src/sql/settings/servers-mode.ts';
import { TextEdits } from '../../../../src/sql/script/text-edits.ts';

const UNKNOWN = new Set(['NO_AUTO_CREATE_USER', 'ORACLE', 'MYSQL40', 'NO_FIELD_OPTIONS']);

function read(sql: string): DumpReport {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(Buffer.from(sql));
  const findings = reader.finish();
  expect(findings.unsafe).toEqual([]);
  return findings;
}

/** As the stock client is given it. */
function loaded(sql: string, unknown: ReadonlySet<string> = UNKNOWN): string {
  const { edits } = withoutModes(read(sql), unknown);
  return Buffer.concat([...new TextEdits(edits).push(Buffer.from(sql))]).toString();
}

function scriptOf({ script }: DumpReport): LoadPlan {
  if (!isSplittable(script)) throw new Error(script.reason);
  return script;
}

test('knows the modes that not all servers have', () => {
  expect(rareModesIn('STRICT_TRANS_TABLES,no_auto_create_user,ANSI')).toEqual(['NO_AUTO_CREATE_USER']);
});

describe('withoutModes', () => {
  test.each([
    [
      "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_CREATE_USER,NO_ZERO_DATE'",
      "'STRICT_ALL_TABLES,NO_ZERO_DATE'",
    ],
    ["SET sql_mode = 'NO_AUTO_CREATE_USER'", "''"],
    ["SET SESSION SQL_MODE := 'no_auto_create_user,no_field_options'", "''"],
    ['SET sql_mode = NO_AUTO_CREATE_USER', "''"],
    // What they make of quotes, and of operators, stays.
    ["SET sql_mode = 'ORACLE'", "'PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE'"],
    [
      "SET sql_mode = 'ANSI_QUOTES,ORACLE,MYSQL40'",
      "'ANSI_QUOTES,PIPES_AS_CONCAT,IGNORE_SPACE,HIGH_NOT_PRECEDENCE'",
    ],
  ])('%s becomes %s', (sql, value) => {
    expect(loaded(`${sql};\n`)).toBe(`${sql.slice(0, sql.indexOf('=') + 2)}${value};\n`);
  });

  test.each([
    ["SET @mode = 'NO_AUTO_CREATE_USER,ANSI', @a = 1", "SET @mode = 'ANSI', @a = 1"],
    ["SET sql_mode = IFNULL(@mode, 'NO_AUTO_CREATE_USER,ANSI')", "SET sql_mode = IFNULL(@mode, 'ANSI')"],
    [
      "/*!50003 SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_CREATE_USER') */",
      "/*!50003 SET sql_mode = CONCAT(@@sql_mode, '') */",
    ],
  ])('%s becomes %s', (sql, expected) => {
    expect(loaded(`${sql};\n`)).toBe(`${expected};\n`);
  });

  test('leaves what the server has, and rows', () => {
    const sql =
      "SET sql_mode = 'NO_AUTO_CREATE_USER,TIME_ROUND_FRACTIONAL';\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('NO_AUTO_CREATE_USER');\n";

    expect(loaded(sql, new Set(['ORACLE']))).toBe(sql);
    expect(loaded(sql)).toBe(sql.replace('NO_AUTO_CREATE_USER,', ''));
  });

  test('says once in which modes each place was', () => {
    const { edits } = withoutModes(read("SET sql_mode = 'NO_AUTO_CREATE_USER,NO_FIELD_OPTIONS';\n"), UNKNOWN);

    expect(edits).toMatchObject([
      {
        told: 'always',
        reason: 'sql_mode without NO_AUTO_CREATE_USER, NO_FIELD_OPTIONS, which this server does not have',
      },
    ]);
  });

  test('changes the head and the settings of every part of a script', () => {
    const sql =
      "SET @old = @@sql_mode, sql_mode = 'NO_AUTO_CREATE_USER,ANSI_QUOTES';\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n" +
      "SET sql_mode = 'NO_AUTO_CREATE_USER';\nCREATE TABLE u (a int);\nINSERT INTO u VALUES (1);\nALTER TABLE u ADD KEY (a);\n" +
      'DELIMITER ;;\nCREATE TRIGGER g BEFORE INSERT ON u FOR EACH ROW SET @a = 1;;\nDELIMITER ;\n';
    const script = scriptOf(withoutModes(read(sql), UNKNOWN));
    const none = { sql_mode: "''" };

    expect(script.preset.settings).toMatchObject([{ name: 'sql_mode', literal: "'ANSI_QUOTES'" }]);
    expect(script.tables).toMatchObject([
      { settings: {}, rows: [{ settings: {} }] },
      { settings: none, rows: [{ settings: none }] },
    ]);
    expect(script.afterRows).toMatchObject([{ settings: none }]);
    expect(script.storedObjects).toMatchObject([{ settings: none }]);
  });

  test.each([
    ["CONCAT(@@sql_mode, ',NO_AUTO_CREATE_USER')", "CONCAT(@dbbackup_initial_sql_mode, '')"],
    ["REPLACE(@@sql_mode, 'NO_AUTO_CREATE_USER', '')", "REPLACE(@dbbackup_initial_sql_mode, '', '')"],
    ["CONCAT(@@sql_mode, ',NO_ZERO_DATE')", "CONCAT(@dbbackup_initial_sql_mode, ',NO_ZERO_DATE')"],
    ['DEFAULT', SERVERS_MODE],
    ['NO_AUTO_CREATE_USER', "''"],
    ['ANSI_QUOTES', 'ansi_quotes'],
  ])('the head of a script sets %s as %s', (value, literal) => {
    const script = scriptOf(withoutModes(read(`SET sql_mode = ${value};\n`), UNKNOWN));

    expect(script.preset.settings).toEqual([{ name: 'sql_mode', literal, optional: false }]);
  });
});
