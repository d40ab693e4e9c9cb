import { describe, expect, test } from 'vitest';
import { SessionSettings, type SettingVerdict } from '../../../../src/sql/settings/session-settings.ts';
import { SERVERS_MODE } from '../../../../src/sql/settings/servers-mode.ts';
import { SqlReader } from '../../../../src/sql/lexer/sql-lexer.ts';
import { listeningTo } from '../../../../src/sql/lexer/sql-listener.ts';

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
    { sql: "SET sql_mode=IFNULL(@a, 'ANSI_QUOTES')", mode: ANSI },
    { sql: "SET @a=IFNULL(@b, 'ANSI_QUOTES'); SET sql_mode=@a", mode: ANSI },
    { sql: "SET sql_mode=IF(@a IS NULL, 'ANSI', '')", mode: ANSI },
    { sql: "SET @a=@@sql_mode; SET sql_mode=IF(@a IS NULL, 'ANSI', @a)", mode: DEFAULT },
    { sql: "SET @a=@@sql_mode; SET sql_mode=IF(@a IS NOT NULL, @a, 'ANSI')", mode: DEFAULT },
    { sql: "SET sql_mode=COALESCE(@a, NULL, @b, 'ANSI', '')", mode: ANSI },
    { sql: "SET sql_mode=CONCAT('NO_BACK', 'SLASH_ESCAPES')", mode: NO_ESCAPES },
    { sql: "SET sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES')", mode: ANSI },
    { sql: "SET sql_mode='ANSI'; SET sql_mode=CONCAT(@@sql_mode, ',NO_ZERO_DATE')", mode: ANSI },
    { sql: "SET sql_mode='ANSI'; SET sql_mode=REPLACE(@@sql_mode, 'ONLY_FULL_GROUP_BY,', '')", mode: ANSI },
    { sql: "SET sql_mode=REPLACE('x_QUOTES', 'x', 'ANSI')", mode: ANSI },
    { sql: "SET @`a.B$1_`='ANSI'; SET sql_mode=@`A.b$1_`", mode: ANSI },
    // Servers read all values of a SET before they set a variable.
    { sql: "SET @a='ANSI'; SET @a='', sql_mode=@a", mode: ANSI },
    { sql: "SET sql_mode='ANSI'; SET sql_mode='', @a=@@sql_mode; SET sql_mode=@a", mode: ANSI },
  ])('follows the quoting of $sql', ({ sql, mode }) => {
    const { settings, verdicts } = apply(sql);

    expect(verdicts.every(({ kind }) => kind === 'fine')).toBe(true);
    expect(settings.mode).toMatchObject(mode);
  });

  test.each([
    { sql: 'SET sql_notes=0', charset: 'utf8mb4' },
    { sql: "SET NAMES 'LATIN1'", charset: 'latin1' },
    { sql: 'SET NAMES latin1 COLLATE latin1_german1_ci', charset: 'latin1' },
    { sql: 'SET CHARACTER SET cp1251', charset: 'cp1251' },
    { sql: 'SET NAMES latin1; SET character_set_results=utf8mb4', charset: 'latin1' },
    {
      sql: 'SET NAMES latin1; SET @c=@@character_set_client; SET character_set_client=utf8',
      charset: 'utf8',
    },
    {
      sql: 'SET NAMES latin1; SET @c=@@character_set_client, character_set_client=utf8; SET character_set_client=@c',
      charset: 'latin1',
    },
    {
      sql: 'SET @OLD=@@CHARACTER_SET_CLIENT; SET NAMES latin1; SET CHARACTER_SET_CLIENT=@OLD',
      charset: 'utf8mb4',
    },
    { sql: 'SET NAMES latin1; SET character_set_client=@unset', charset: 'latin1' },
  ])('follows the charset of $sql', ({ sql, charset }) => {
    const { settings, verdicts } = apply(sql);

    expect(verdicts.every(({ kind }) => kind === 'fine')).toBe(true);
    expect(settings.charset).toBe(charset);
  });

  test.each([
    'SET sql_mode=4',
    'SET @a=4; SET sql_mode=@a',
    "SET sql_mode=CONCAT(@@sql_mode, 'ANSI_QUOTES')",
    "SET sql_mode=CONCAT('ANSI', NULL)", // the text alone in Oracle's mode
    "SET sql_mode=CONCAT('ANSI', 4)",
    "SET sql_mode=REPLACE(@@sql_mode, 'ANSI_QUOTES', '')",
    "SET sql_mode=REPLACE(@@sql_mode, 'S', '')",
    "SET sql_mode=REPLACE(@@sql_mode, 'NO_ZERO_DATE', 'ANSI')",
    "SET sql_mode=REPLACE(@@sql_mode, @a, 'ANSI')",
    "SET sql_mode=IFNULL('', 'ANSI')", // where an empty string is NULL
    "SET sql_mode=IF(@@time_zone, 'ANSI', '')",
    "SET sql_mode=IF(@@max_allowed_packet IS NULL, 'ANSI', '')",
    "/*!80000 SET @a=@@time_zone */; SET sql_mode=IF(@a IS NULL, 'ANSI', '')",
    // What a server reads in another way than it looks, or what is too long to be read whole.
    "SET sql_mode='ANSI_QUOTE\\S'",
    "SET @a='ANSI_QUOTE\\S'; SET sql_mode=@a",
    `SET sql_mode='${','.repeat(600)}ANSI_QUOTES'`,
    `SET @a='${','.repeat(600)}ANSI_QUOTES'; SET sql_mode=@a`,
    "SET character_set_client='gb\\k'",
    "SET @a='gb\\k'; SET character_set_client=@a",
    'SET character_set_results=gbk; SET character_set_client=@@character_set_results',
    "SET character_set_client=CONCAT('gb', 'k')",
    "SET character_set_client=IF(@@time_zone, 'utf8', 'gbk')",
    "SET default_storage_engine=CONCAT('FEDE', 'RATED')",
    'SET @a=@@character_set_client; SET sql_mode=@a',
    // What is more than an expression of constants and variables.
    'SET time_zone=(SELECT 1)',
    "SET time_zone=IFNULL((SELECT 1), '')",
    "SET time_zone=IFNULL(sleep(5), '')",
    "SET time_zone=CONCAT(load_file('/etc/passwd'))",
    "SET time_zone=COALESCE(f(1), '')",
    "SET time_zone=shop.concat('x')",
    "SET time_zone=IF(@a := 1, '', '')",
    "SET time_zone=IF(@a = 1, '', '')",
    "SET time_zone=IF(@a IS NULL, '')",
    "SET time_zone=IFNULL(column_of_nothing, '')",
    "SET time_zone=IFNULL(@a, '') + 1",
    "SET time_zone=(IFNULL(@a, ''))",
    "SET @a=IFNULL((SELECT password FROM mysql.user), '')",
    `SET time_zone=${'IFNULL(@a, '.repeat(9)}1${')'.repeat(9)}`,
    // To servers one variable: letters with and without an accent.
    "SET @`á`=''",
    'SET sql_mode=@`à`',
    "SET sql_mode=IFNULL(@'\u212a', '')",
    "SET @`a `=''",
    // What would be more than a name in a statement of ours.
    "SET NAMES '|33,@@GLOBAL.general_log=1# y'",
    "SET NAMES 'utf8 COLLATE x, @@GLOBAL.general_log=1'",
    "SET NAMES utf8 COLLATE 'utf8_bin, @@GLOBAL.general_log=1'",
    "SET CHARACTER SET 'utf8 , x'",
    "SET character_set_client='utf8 , x'",
    "SET @a='utf8 , x'; SET character_set_client=@a",
    "SET time_zone='it''s'",
    "SET time_zone='|33,@@GLOBAL.general_log=1#'",
    "SET time_zone=IFNULL(@a, 'x@y')",
    "SET collation_connection='é'",
    "SET NAMES 'gbk'",
    'SET NAMES DEFAULT', // on a server whose own is gbk
    'SET character_set_client = DEFAULT',
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
    'SET GLOBAL event_scheduler=1, sql_notes=1',
    'SET GLOBAL long_query_time=77',
    'SET GLOBAL event_scheduler=(SELECT 1)',
    'SET PERSIST event_scheduler=1',
    'SET',
  ])('refuses what it cannot follow: %s', (sql) => {
    expect(apply(sql).verdicts.at(-1)?.kind).toBe('unsafe');
  });

  test.each([
    'SET GLOBAL event_scheduler = ON',
    'SET @@GLOBAL.event_scheduler := 1',
    "SET GLOBAL log_bin_trust_function_creators='ON', event_scheduler = ON",
    'SET SQL_LOG_BIN=0',
    'SET @@SESSION.SQL_LOG_BIN= 0',
    "SET GLOBAL gtid_purged='a'",
    'SET @MYSQLDUMP_TEMP_LOG_BIN=1',
  ])('leaves out %s', (sql) => {
    expect(apply(sql).verdicts).toMatchObject([{ kind: 'left-out' }]);
  });
});

describe('the mode of the server itself', () => {
  test.each([
    'SET sql_mode = DEFAULT',
    'SET @a = @@GLOBAL.sql_mode',
    "SET sql_mode=IFNULL(@@global.sql_mode, '')",
  ])('is taken without what changes quotes: %s', (sql) => {
    const { verdicts, settings } = apply(`SET sql_mode='ANSI'; ${sql}; SET sql_mode=IFNULL(@a, @@sql_mode)`);

    expect(verdicts[1]).toMatchObject({ kind: 'changed', edits: [{ replacement: SERVERS_MODE }] });
    expect(settings.mode).toMatchObject(DEFAULT);
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
