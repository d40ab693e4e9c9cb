import { describe, expect, test } from 'vitest';
import { SessionSettings, type SettingVerdict } from '../../../src/model/session-settings.ts';
import { SqlReader } from '../../../src/model/sql-reader.ts';
import { listeningTo } from '../../../src/model/sql-listener.ts';

const NO_ESCAPES = { backslashEscapes: false, ansiQuotes: false };
const ANSI = { backslashEscapes: true, ansiQuotes: true };
const DEFAULT = { backslashEscapes: true, ansiQuotes: false };

describe('SessionSettings', () => {
  test.each([
    { sql: "SET sql_mode='NO_BACKSLASH_ESCAPES'", mode: NO_ESCAPES },
    { sql: "SET @@session.sql_mode := 'ansi_quotes,strict_trans_tables'", mode: ANSI },
    { sql: 'SET SESSION SQL_MODE=ANSI', mode: ANSI },
    { sql: "SET sql_mode='ANSI'; SET @old=@@sql_mode, sql_mode=''; SET sql_mode=@old", mode: ANSI },
    { sql: "SET @old=@@sql_mode, sql_mode='ANSI'; SET sql_mode=@old", mode: DEFAULT },
    { sql: "SET @a='ANSI_QUOTES'; SET @b=@a; SET sql_mode=@b", mode: ANSI },
    { sql: "SET sql_mode='ANSI'; SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '')", mode: DEFAULT },
  ])('follows the quoting of $sql', ({ sql, mode }) => {
    const { settings, verdicts } = apply(sql);

    expect(verdicts.every(({ kind }) => kind === 'fine')).toBe(true);
    expect(settings.mode).toMatchObject(mode);
  });

  test.each([
    'SET sql_mode=4',
    'SET @a=4; SET sql_mode=@a',
    "SET sql_mode=IFNULL(@a, 'ANSI_QUOTES')",
    "SET sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES')",
    'SET @a=@@character_set_client; SET sql_mode=@a',
    "SET @a=IFNULL(@b, 'ANSI_QUOTES')",
    'SET sql_mode=DEFAULT',
    "SET NAMES 'gbk'",
    'SET character_set_client=28',
    'SET @a=0x67626b; SET character_set_client=@a',
    "SET @a='big5'",
    "/*!80000 SET sql_mode='' */",
    "/*!80000 SET @a='x' */",
    'SET default_storage_engine=FEDERATED',
    'SET SESSION a.b = 1',
    'SET ROLE x',
    'SET TRANSACTION READ ONLY',
    'SET sql_log_bin=0, sql_notes=1',
    'SET',
  ])('refuses what it cannot follow: %s', (sql) => {
    expect(apply(sql).verdicts.at(-1)?.kind).toBe('unsafe');
  });

  test.each([
    'SET SQL_LOG_BIN=0',
    'SET @@SESSION.SQL_LOG_BIN= 0',
    "SET GLOBAL gtid_purged='a'",
    'SET @MYSQLDUMP_TEMP_LOG_BIN=1',
  ])('leaves out %s', (sql) => {
    expect(apply(sql).verdicts).toMatchObject([{ kind: 'left-out' }]);
  });
});

function apply(sql: string): { settings: SessionSettings; verdicts: SettingVerdict[] } {
  const settings = new SessionSettings();
  const verdicts: SettingVerdict[] = [];
  const reader = new SqlReader(
    listeningTo({ statement: ({ tokens }) => verdicts.push(settings.apply(tokens)) }),
  );
  reader.push(Buffer.from(`${sql};`));
  reader.finish();
  return { settings, verdicts };
}
