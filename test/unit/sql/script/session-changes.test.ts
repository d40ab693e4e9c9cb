import { describe, expect, test } from 'vitest';
import { SERVERS_MODE } from '../../../../src/sql/settings/servers-mode.ts';
import { SessionChanges } from '../../../../src/sql/script/session-changes.ts';
import {
  isClosedValue,
  optionalVariables,
  presetStatements,
  withoutVariables,
} from '../../../../src/sql/script/session-preset.ts';
import type { SqlToken } from '../../../../src/sql/lexer/statement.ts';
import { statementsOf } from '../statements-of.ts';

function tokensOf(sql: string): readonly SqlToken[] {
  return statementsOf(Buffer.from(`${sql};`)).at(-1)?.tokens ?? [];
}

/** What is to be set after these statements, or why it cannot be known. */
function after(preamble: readonly string[], statements: readonly string[]): unknown {
  const session = new SessionChanges();
  const set = (sql: string): string | undefined => session.set(tokensOf(sql));
  for (const sql of preamble) expect(set(sql)).toBeUndefined();
  session.endPreamble();
  for (const sql of statements) {
    const reason = set(sql);
    if (reason !== undefined) return reason;
  }
  return session.delta() ?? 'unknown';
}

const HEAD = [
  '/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */',
  '/*!50503 SET NAMES utf8mb4 */',
  "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE, TIME_ZONE='+00:00' */",
  "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
];

describe('SessionChanges', () => {
  test('begins with nothing to be set', () => {
    expect(after(HEAD, [])).toEqual({});
  });

  test('follows the settings around a trigger, there and back', () => {
    const around = [
      '/*!50003 SET @saved_cs_client      = @@character_set_client */',
      '/*!50003 SET @saved_sql_mode       = @@sql_mode */',
      '/*!50003 SET character_set_client  = latin1 */',
      "/*!50003 SET sql_mode              = 'ANSI_QUOTES,TRADITIONAL' */",
    ];
    const back = [
      '/*!50003 SET sql_mode              = @saved_sql_mode */',
      '/*!50003 SET character_set_client  = @saved_cs_client */',
    ];

    expect(after(HEAD, around)).toEqual({
      character_set_client: 'latin1',
      sql_mode: "'ANSI_QUOTES,TRADITIONAL'",
    });
    expect(after(HEAD, [...around, ...back])).toEqual({});
  });

  test('what is set to what the head left is not changed', () => {
    expect(after(HEAD, ['SET character_set_client = utf8mb4', "SET time_zone='+00:00'"])).toEqual({});
  });

  test('keeps what was changed before it was saved', () => {
    expect(
      after(HEAD, [
        "SET time_zone='+01:00'",
        'SET @a = @@time_zone',
        "SET time_zone='SYSTEM'",
        'SET @b = @a',
        'SET time_zone = @b',
      ]),
    ).toEqual({ time_zone: "'+01:00'" });
  });

  test('knows what the head has set when the head saves it again, as a dump without tables does', () => {
    const saves = [...HEAD, 'SET @save_time_zone = @@TIME_ZONE', 'SET @unset = @@lc_time_names'];

    expect(after(saves, ["SET time_zone='SYSTEM'", 'SET time_zone = @save_time_zone'])).toEqual({});
    expect(after(saves, ['SET lc_time_names = @unset'])).toEqual({});
  });

  test('sets back by an expression what another program has kept', () => {
    const around = [
      "SET @OLDTMP = @@sql_mode, sql_mode = 'ANSI'",
      'SET @zone = @@time_zone',
      "SET time_zone = 'SYSTEM'",
    ];

    expect(after(HEAD, [...around, "SET sql_mode = IFNULL(@OLDTMP, '')"])).toEqual({ time_zone: "'SYSTEM'" });
    expect(
      after(HEAD, [
        ...around,
        "SET sql_mode = IF(@OLDTMP IS NULL, '', @OLDTMP), time_zone = IFNULL(@zone, 'system')",
      ]),
    ).toEqual({});
    expect(after(HEAD, ["SET time_zone = IFNULL(@never, CONCAT('SYS', 'TEM'))"])).toEqual({
      time_zone: "'SYSTEM'",
    });
  });

  test('knows the mode of the server itself', () => {
    expect(after(HEAD, ['SET sql_mode = DEFAULT'])).toEqual({ sql_mode: SERVERS_MODE });
  });

  test('takes literals of every kind', () => {
    const literals = ['SET lock_wait_timeout = 5, innodb_lock_wait_timeout = -1', 'SET sql_warnings = OFF'];

    expect(after([], [...literals, "SET @x = 'SYSTEM'", 'SET time_zone = @x'])).toEqual({
      lock_wait_timeout: '5',
      innodb_lock_wait_timeout: '-1',
      sql_warnings: 'off',
      time_zone: "'SYSTEM'",
    });
  });

  test.each([
    'autocommit=0',
    'foreign_key_checks=1',
    'UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS',
    'sql_notes=@@sql_warnings',
  ])('leaves %s to the loader', (assignment) => {
    expect(after(HEAD, [`SET ${assignment}`])).toEqual({});
  });

  test.each([
    ['what only some servers set', ["/*!80000 SET time_zone='SYSTEM' */"]],
    ['a variable that was never set', ['SET @a = @b', 'SET time_zone = @a']],
    ['a variable that was never set at all', ['SET time_zone = @never']],
    ['another variable', ['SET time_zone = @@lc_time_names']],
    ['a kept text with escapes', ["SET @a = 'it\\'s'", 'SET time_zone = @a']],
    ['what only one of two may be', ['SET @a = @@lc_time_names', "SET lc_time_names = IFNULL(@a, 'en_US')"]],
  ])('does not know %s', (_title, statements) => {
    expect(after(HEAD, statements)).toBe('unknown');
  });

  test('knows it again once it is set to a literal', () => {
    expect(after(HEAD, ['SET time_zone = @never', "SET time_zone='+00:00'"])).toEqual({});
  });

  test('sets back to what was there before the head', () => {
    expect(after(HEAD, ['SET time_zone = @OLD_TIME_ZONE'])).toEqual({
      time_zone: '@dbbackup_initial_time_zone',
    });
  });

  test('adds to a mode, whatever it was', () => {
    const more = "SET sql_mode = CONCAT(@@sql_mode, ',NO_ZERO_DATE')";

    expect(after(HEAD, [more])).toEqual({ sql_mode: "'NO_AUTO_VALUE_ON_ZERO,NO_ZERO_DATE'" });
    expect(after([], [more])).toEqual({
      sql_mode: "CONCAT(@dbbackup_initial_sql_mode, ',NO_ZERO_DATE')",
    });
  });

  test('what has no effect on what is restored need not be known', () => {
    expect(after(HEAD, ['SET note_verbosity = @never, net_read_timeout = @@lc_time_names'])).toEqual({});
  });

  test('rows of history are loaded with the setting that they need, though MariaDB alone has it', () => {
    expect(after(HEAD, ['/*!101100 SET system_versioning_insert_history=1 */'])).toEqual({
      system_versioning_insert_history: '1',
    });
  });

  test.each([
    [['SET CHARACTER SET latin1'], 'sets another charset in the middle'],
    [['SET GLOBAL time_zone = 1'], 'sets a variable of the whole server'],
  ])('%j cannot be followed', (statements, reason) => {
    expect(after(HEAD, statements)).toBe(reason);
  });

  test('the same charset again is nothing new', () => {
    expect(after(HEAD, ['SET NAMES utf8mb4'])).toEqual({});
    expect(after([], ['SET NAMES utf8mb4'])).toEqual({}); // what every session of ours begins with
  });

  test('says of another charset all that it changes, until the first one is back', () => {
    const latin1 = {
      character_set_client: 'latin1',
      character_set_results: 'latin1',
      character_set_connection: 'latin1',
    };

    expect(after(HEAD, ['SET NAMES latin1'])).toEqual(latin1);
    expect(after(HEAD, ['SET NAMES latin1 COLLATE latin1_bin'])).toEqual({
      ...latin1,
      collation_connection: 'latin1_bin',
    });
    expect(after(HEAD, ['SET NAMES latin1 COLLATE latin1_bin', 'SET NAMES utf8mb4'])).toEqual({});
    expect(after(HEAD, ['SET character_set_client = utf8', 'SET NAMES latin1'])).toEqual(latin1);
    expect(after([...HEAD, 'SET character_set_results = binary'], ['SET NAMES utf8mb4'])).toEqual({
      character_set_client: 'utf8mb4',
      character_set_results: 'utf8mb4',
      character_set_connection: 'utf8mb4',
    });
  });
});

/** What every session is set to for a dump with this head, or why it cannot be known. */
function presetOf(...head: readonly string[]): unknown {
  const session = new SessionChanges();
  for (const sql of head) {
    const reason = session.set(tokensOf(sql));
    if (reason !== undefined) return reason;
  }
  return presetStatements(session.preset());
}

describe('the head of a dump', () => {
  test('is said in our words, without what the loader sets itself', () => {
    expect(
      presetOf(...HEAD, 'SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0, foreign_key_checks=off'),
    ).toEqual([
      'SET NAMES utf8mb4',
      "SET SESSION time_zone = '+00:00'",
      "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
    ]);
  });

  test.each([
    [["SET NAMES 'latin1' COLLATE latin1_bin"], ["SET NAMES 'latin1' COLLATE latin1_bin"]],
    [['SET CHARACTER SET utf8'], ['SET CHARACTER SET utf8']],
    [['SET NAMES utf8', 'SET CHARSET latin1'], ['SET CHARACTER SET latin1']],
    [
      ['SET NAMES latin1', 'SET @a = @@character_set_client, character_set_client = utf8'],
      ['SET NAMES latin1', 'SET SESSION character_set_client = utf8'],
    ],
    [
      ['SET NAMES latin1', 'SET @a = @@character_set_client, NAMES utf8', 'SET character_set_client = @a'],
      ['SET NAMES utf8', 'SET SESSION character_set_client = latin1'],
    ],
    // The last one counts, and in the place where it stands.
    [
      ["SET time_zone='SYSTEM', lc_time_names=de_DE", "SET time_zone='+01:00'"],
      ['SET SESSION lc_time_names = de_de', "SET SESSION time_zone = '+01:00'"],
    ],
    // Set back to what was there.
    [["SET @a = @@time_zone, time_zone = 'SYSTEM'", 'SET time_zone = @a'], []],
    [
      ['SET @a = @@character_set_results', 'SET NAMES latin1', 'SET character_set_results = @a'],
      [
        'SET @dbbackup_initial_character_set_results = @@SESSION.character_set_results',
        'SET NAMES latin1',
        'SET SESSION character_set_results = @dbbackup_initial_character_set_results',
      ],
    ],
    [
      [
        "SET @m = @@sql_mode, sql_mode = ''",
        "SET sql_mode = CONCAT(REPLACE(@m, 'STRICT_ALL_TABLES', ''), ',NO_ZERO_DATE')",
      ],
      [
        'SET @dbbackup_initial_sql_mode = @@SESSION.sql_mode',
        "SET SESSION sql_mode = CONCAT(REPLACE(@dbbackup_initial_sql_mode, 'STRICT_ALL_TABLES', ''), ',NO_ZERO_DATE')",
      ],
    ],
    [['SET sql_mode = @@global.sql_mode'], [`SET SESSION sql_mode = ${SERVERS_MODE}`]],
    [['SET net_read_timeout = @never'], []],
  ])('%j is %j', (head, statements) => {
    expect(presetOf(...head)).toEqual(statements);
  });

  test.each([
    'SET time_zone = @@lc_time_names',
    'SET time_zone = @@global.time_zone',
    'SET collation_connection = @@collation_database',
    'SET time_zone = @never',
    "SET time_zone = 'it''s'",
    "SET default_storage_engine = 'é'",
    'SET lc_time_names = IFNULL(@@lc_time_names, 1)',
  ])('is not known with %s', (sql) => {
    expect(presetOf(sql)).toMatch(/^sets \w+ to a value that cannot be determined$/);
  });

  test.each([
    ["'x', SESSION autocommit = 1", false],
    ["'x'y'", false],
    ["'|33,@@GLOBAL.general_log=1#", false],
    ['1; DROP TABLE t', false],
    ['1 -- ', false],
    ['(SELECT 1)#', false],
    ["'it\\'", false],
    ['utf8mb4', true],
    ['-1', true],
    ["'+00:00'", true],
    ["''", true],
    ['@dbbackup_initial_time_zone', true],
    ["CONCAT(REPLACE(@dbbackup_initial_sql_mode, 'A', ''), ',B')", true],
    [SERVERS_MODE, true],
  ])('%s is a value and nothing more: %s', (value, isClosed) => {
    expect(isClosedValue(value)).toBe(isClosed);
    const say = () =>
      presetStatements({ initial: [], settings: [{ name: 'time_zone', literal: value, optional: false }] });
    if (isClosed) expect(say()).toEqual([`SET SESSION time_zone = ${value}`]);
    else expect(say).toThrow('the value of time_zone is more than a value');
  });

  test('keeps the charset of SET CHARACTER SET apart from that of SET NAMES', () => {
    expect(after(['SET CHARACTER SET latin1'], ['SET NAMES utf8mb4'])).toEqual({
      character_set_client: 'utf8mb4',
      character_set_results: 'utf8mb4',
      character_set_connection: 'utf8mb4',
    });
  });

  test('what some servers save only may be what was saved before', () => {
    const saved = ["SET @m=@@time_zone, time_zone='+05:00'", '/*!80000 SET @m=@@time_zone */'];

    expect(presetOf(...saved, 'SET time_zone=@m')).toMatch(/cannot be determined$/);
    // By those that have saved it, in all likelihood: around rows of history, by MariaDB alone.
    const history = 'system_versioning_insert_history';
    const around = [`/*!101100 SET @old=@@${history}, ${history}=1 */`, `/*!101100 SET ${history}=@old */`];
    expect(after(HEAD, around)).toEqual({});
  });

  test.each([
    [
      ['SET @c=@@collation_connection'],
      ['SET NAMES latin1', 'SET collation_connection=@c'],
      { character_set_client: 'latin1', character_set_results: 'latin1' },
    ],
    [
      [],
      ['SET NAMES latin1', 'SET @c=@@collation_connection, NAMES utf8', 'SET collation_connection=@c'],
      'unknown',
    ],
    [
      [],
      [
        'SET collation_connection=utf8mb4_bin',
        'SET character_set_connection=latin1',
        'SET collation_connection=utf8mb4_bin',
      ],
      { collation_connection: 'utf8mb4_bin' },
    ],
    [
      ['SET NAMES utf8mb4 COLLATE utf8mb4_bin'],
      ['SET character_set_connection=utf8mb4'],
      { character_set_connection: 'utf8mb4' },
    ],
  ])(
    '%j, then %j: the charset and the collation of the connection go together',
    (head, statements, delta) => {
      expect(after(head, statements)).toEqual(delta);
    },
  );

  test('a mode that is a word is put into an expression as a text', () => {
    expect(presetOf('SET sql_mode=ansi', "SET sql_mode=CONCAT(@@sql_mode, ',NO_ZERO_DATE')")).toEqual([
      "SET SESSION sql_mode = 'ansi,NO_ZERO_DATE'",
    ]);
  });

  test('tells what a server may do without', () => {
    const session = new SessionChanges();
    session.set(tokensOf('/*!80013 SET sql_require_primary_key=0 */'));
    session.set(tokensOf("SET time_zone = 'SYSTEM'"));
    const preset = session.preset();

    expect(optionalVariables(preset)).toEqual(['sql_require_primary_key']);
    expect(
      presetStatements(withoutVariables(preset, new Set(['sql_require_primary_key', 'time_zone']))),
    ).toEqual(["SET SESSION time_zone = 'SYSTEM'"]);
  });
});

test('takes no user variable whose name servers may take for another', () => {
  expect(after(HEAD, ["SET @`á`=''", "SET @`à`='ANSI'"])).toMatch(/may take for another/);
});
