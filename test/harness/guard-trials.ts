import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { findClientProgram } from '../../src/programs/client-programs.ts';
import { buildLoadArgs } from '../../src/programs/load-client.ts';
import { DumpReader } from '../../src/sql/dump-reader.ts';
import { TextEdits } from '../../src/sql/script/text-edits.ts';
import { statementsOf } from '../unit/sql/statements-of.ts';
import type { FakeServer } from './fake-server.ts';
import type { TestServer } from './test-server.ts';

const CANARY = 'canary';

/** MySQL's client says this before anything else. */
const GREETINGS = ['select @@version_comment limit 1', 'select $$'];

/** What runs programs or reads files, as clients take it, or in a dress in which they might. */
export const HOSTILE = [
  `\\! touch ${CANARY}\n`,
  `\\! touch ${CANARY};\n`,
  `system touch ${CANARY}\n`,
  `system touch ${CANARY};\n`,
  `/*! \\! touch ${CANARY}\n */;\n`,
  `/* \n\\! touch ${CANARY}\n */\n`,
  `-- \n\\! touch ${CANARY}\n`,
  `DELIMITER \\! touch ${CANARY}\n`,
  `DELIMITER //\n\\! touch ${CANARY}\n//\nDELIMITER ;\n`,
  `tee ${CANARY}\n`,
  `\\T ${CANARY}\n`,
  `pager cat > ${CANARY}\n`,
  'source /dev/null\n',
  '\\. /dev/null\n',
  'use other\n',
  '\\u other\n',
  `select 1 \\! touch ${CANARY}\n;\n`,
  `SELECT 'x' INTO OUTFILE '${CANARY}';\n`,
  `LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;\n`,
  'DELIMITER $$\nDROP DATABASE other$$\nDELIMITER ;\n',
  "SET sql_mode='NO_BACKSLASH_ESCAPES';\nINSERT INTO `t` (`n`) VALUES ('a\\'),('b\\\n');\n",
  "SET sql_mode='ANSI_QUOTES';\n",
  "SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES';\n",
  "SET sql_mode=IFNULL(@OLD_SQL_MODE, 'NO_BACKSLASH_ESCAPES');\nINSERT INTO `t` (`n`) VALUES ('a\\'),('b\\\n');\n",
  "SET sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES');\n",
  "INSERT INTO `t` (`n`) VALUES ('a\\');\nDROP DATABASE other;\n-- ');\n",
  'INSERT INTO `t` (`n`) VALUES ("a\\");\nDROP DATABASE other;\n-- ");\n',
  '/*!99999 DROP DATABASE other */;\n',
  '/*M!100100 DROP DATABASE other */;\n',
  '/*!50003 SELECT 1 */; DROP DATABASE other;\n',
  `--\\! touch ${CANARY}\n`,
  '--x\n',
  '-- x\\\nDROP DATABASE other;\n',
  '# it`s;\n',
  "/* it's */;\n",
  "/* it's; */\nDELIMITER ;\n",
  '\n \t\n-- a\n \nDELIMITER ;\n',
  '/* a\n */ /* b */\n\nDELIMITER $$\nUNLOCK TABLES$$\nDELIMITER ;\n',
  "/*! it's */;\n",
  'delimiter ;;\nselect 1;\n;;\ndelimiter ;\n',
  'DELIMITER ;;\nDELIMITER ;\n',
  'delimiter\n',
  'DROP DATABASE IF EXISTS `shop`;\nCREATE DATABASE `shop`;\n',
  'INSERT INTO `shop` . `t` (`n`) VALUES (1);\n',
  'INSERT INTO shop/* x */./* y */t VALUES (1);\n',
  'DROP TABLE IF EXISTS `shop`.`x`, shop.y;\n',
  "mysqldump: [Warning] it's;\n",
  'SET GLOBAL event_scheduler = ON;\n',
  ',\ndelimiter, `n` AS\n delimiter\n',
  '\nDELIMITER ;',
  "/*+ it's; */\n",
  '/*+ MAX_EXECUTION_TIME(1) */',
  '/* a /*! b */',
  '-- note ;;\nDELIMITER ;\n',
  "# it's */;;\nDELIMITER ;\n",
];

/** Gives a client a text, and what it sent of it to the server. */
type LoadClient = (text: Buffer) => Promise<readonly string[]>;

/**
 * The guard is worth as much as it reads what the client reads. Here both are given the same text: what the guard lets
 * pass must reach the server in just the statements that the guard has looked at.
 *
 * @returns false when the guard refuses the text.
 * @throws {AssertionError}
 */
export async function readsAsTheClient(client: LoadClient, text: Buffer): Promise<boolean> {
  const loaded = guarded(text, 'shop', 'for the client');
  if (loaded === undefined) return false;
  // What is left out and replaced joins and uncovers nothing: the guard finds the same in what is loaded.
  assert.equal(guarded(loaded, 'shop', 'for the client')?.equals(loaded), true);
  const sent = await client(loaded);
  assert.deepEqual(firstDifference(bare(sent), bare(textsOf(loaded).map(asUtf8))), undefined);
  return true;
}

/** What changes another database, or the server, in dresses in which it might. */
const REACHING = [
  'DELETE FROM other.t',
  'DELETE FROM `other`.`t`',
  'INSERT INTO other.t VALUES (9)',
  'CREATE TABLE other.x (a INT)',
  'CREATE TABLE x (a INT) SELECT * FROM other.t',
  'ALTER TABLE t RENAME other.x',
  'RENAME TABLE other.t TO other.u',
  'DROP TABLE IF EXISTS other.t',
  'DROP DATABASE other',
  'CREATE DATABASE evil_guard_test',
  'CREATE USER evil_guard_test',
  'GRANT ALL ON *.* TO evil_guard_test',
  'SET GLOBAL long_query_time = 77',
  'USE other',
  "PREPARE s FROM 'DELETE FROM other.t'; EXECUTE s",
  'CREATE TRIGGER other.g BEFORE INSERT ON other.t FOR EACH ROW SET @a = 1',
  "SELECT 'x' INTO OUTFILE 'canary'",
  'SET @a = IFNULL((SELECT 1 FROM other.t LIMIT 1), 1), GLOBAL long_query_time = 77',
  'SET GLOBAL event_scheduler = ON, long_query_time = 77',
  'DROP DATABASE other; CREATE DATABASE other; USE other',
  'DROP DATABASE shop; DROP DATABASE other; USE shop',
  'DROP TABLE shop.t, other.t',
  'INSERT INTO other . t VALUES (9)',
  'INSERT INTO shop.t VALUES (1), (2); DELETE FROM other.t',
  'CREATE TABLE shop.x (a INT) SELECT * FROM other.t',
  'ALTER TABLE shop.t RENAME other.x',
  'DELETE FROM shop.t, other.t USING other.t',
];
const DRESSES: readonly ((sql: string) => string)[] = [
  (sql) => `${sql};\n`,
  (sql) => `/*! ${sql} */;\n`,
  (sql) => `/*!50001 ${sql} */;\n`,
  (sql) => `/*!50799 ${sql} */;\n`,
  (sql) => `/*!100100 ${sql} */;\n`,
  (sql) => `/*!80000 ${sql} */;\n`,
  (sql) => `/*M! ${sql} */;\n`,
  (sql) => `/*M!100100 ${sql} */;\n`,
  (sql) => `/* */ ${sql} -- x\n;\n`,
  (sql) => `SELECT 1; ${sql};\n`,
  (sql) => `DELIMITER ;;\nSELECT 1; ${sql};;\nDELIMITER ;\n`,
  (sql) => `/*!50001 SELECT 1 */; ${sql};\n`,
  (sql) => `INSERT INTO \`t\` (\`n\`) VALUES ('\\\\'); ${sql}; -- ');\n`,
  (sql) => `SET sql_mode='NO_BACKSLASH_ESCAPES';\nINSERT INTO \`t\` (\`n\`) VALUES ('\\'); ${sql}; -- ');\n`,
  // The same, said in ways in which a reader may miss it.
  ...[
    "SET sql_mode='NO_BACKSLASH_ESCAPE\\S'",
    "SET sql_mode=CONCAT('NO_BACKSLASH_', 'ESCAPES')",
    "SET sql_mode=CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')",
    "SET sql_mode=IF(@unset IS NULL, 'NO_BACKSLASH_ESCAPES', '')",
    "/*!80000 SET @a=@@time_zone */;\nSET sql_mode=IF(@a IS NULL, 'NO_BACKSLASH_ESCAPES', '')",
    "SET sql_mode=IFNULL(@unset, 'NO_BACKSLASH_ESCAPES')",
    "SET sql_mode=REPLACE('NO_x_ESCAPES', 'x', 'BACKSLASH')",
    "SET @a='NO_BACKSLASH_ESCAPES';\nSET @a='', sql_mode=@a",
    `SET sql_mode='${','.repeat(600)}NO_BACKSLASH_ESCAPES'`,
  ].map((mode) => (sql: string) => `${mode};\nINSERT INTO \`t\` (\`n\`) VALUES ('\\'); ${sql}; -- ');\n`),
  (sql) => `SET character_set_client='gb\\k';\nINSERT INTO \`t\` (\`n\`) VALUES ('\xbf\\'); ${sql}; -- ');\n`,
  (sql) => `SET sql_mode='ANSI_QUOTES';\nSELECT "'"; ${sql}; -- '\n;\n`,
  (sql) => `SET NAMES gbk;\nINSERT INTO \`t\` (\`n\`) VALUES ('\xbf\\'); ${sql}; -- ');\n`,
];

/** All of them, in every dress. */
export function reachingFor(other: string): readonly string[] {
  return REACHING.flatMap((sql) => DRESSES.map((dress) => dress(sql.replaceAll('other', other))));
}

/**
 * The server may read a text in yet another way. Here it gets all that the guard lets pass, with the session's rights.
 *
 * @returns how many statements the server took; undefined when the guard refuses the text.
 */
export async function runGuarded(
  session: Connection,
  text: Buffer,
  target: string,
): Promise<number | undefined> {
  const loaded = guarded(text, target);
  if (loaded === undefined) return undefined;
  let ran = 0;
  for (const statement of textsOf(loaded))
    ran += await session.query(statement).then(
      () => 1,
      () => 0, // much of what was changed is no SQL any more
    );
  await session.query('UNLOCK TABLES');
  return ran;
}

/** What a text must not change: another database, and the server. */
export async function outside(server: TestServer, other: string): Promise<unknown> {
  return { other: (await server.dump(other)).toString('latin1'), server: await server.query(OUTSIDE_SQL) };
}

/** A connection on which statements travel as the bytes they are, given as latin1. */
export async function bytesSession({ socket, user }: TestServer, database: string): Promise<Connection> {
  return createConnection({
    socketPath: socket,
    user,
    database,
    charset: 'BINARY',
    flags: ['-SESSION_TRACK'],
    queryFormat: (sql: string) => sql,
  });
}

const OUTSIDE_SQL = `
  SELECT @@GLOBAL.long_query_time;
  SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'evil_guard_test';
  SELECT COUNT(*) FROM mysql.user WHERE user = 'evil_guard_test';`;

/** The text as it would be loaded; undefined when the guard refuses it, or would keep it from a client. */
function guarded(text: Buffer, target = 'shop', use?: 'for the client'): Buffer | undefined {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: target });
  reader.push(text);
  const { unsafe, malformed, databases, edits, unfitForClient } = reader.finish();
  if (use === 'for the client' && unfitForClient !== undefined) return undefined;
  if (unsafe.length > 0 || malformed !== undefined || databases.length > 1) return undefined;
  return Buffer.concat([...new TextEdits(edits).push(text)]);
}

/** What the guard's reader takes for statements; bytes as latin1. */
function textsOf(text: Buffer): readonly string[] {
  return statementsOf(text).map(({ start, textEnd }) => text.toString('latin1', start, textEnd));
}

/** As the fake server shows statements. */
function asUtf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}

function firstDifference(
  sent: readonly string[],
  read: readonly string[],
): { readonly sent: string | undefined; readonly read: string | undefined } | undefined {
  const at = Array.from({ length: Math.max(sent.length, read.length) }, (_, index) => index).find(
    (index) => sent[index] !== read[index],
  );
  return at === undefined ? undefined : { sent: sent[at], read: read[at] };
}

/**
 * Clients send comments in front of a statement with it, or alone; to the guard they are in front of it. Behind one
 * inside a statement MariaDB's puts a space.
 */
function bare(statements: readonly string[]): readonly string[] {
  const comment = /^(?:\s|--(?:\s[^\n]*)?(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?!!|M!)[^]*?\*\/)+/;
  return statements
    .map((text) =>
      text
        .replace(comment, '')
        .replaceAll(/\*\/\s+/g, '*/')
        .trim(),
    )
    .filter((text) => text !== '');
}

/** Runs the client as a restore does, in a folder where nothing may appear. */
export async function loadClient(server: TestServer, fake: FakeServer, cwd: string): Promise<LoadClient> {
  await mkdir(cwd);
  const env = { PATH: `${server.bin}:/usr/bin:/bin` };
  const tool = await findClientProgram('load', server.flavour, env, new AbortController().signal);
  const tls = tool.options.has('ssl-mode') ? '--ssl-mode=DISABLED' : '--skip-ssl';
  const login = ['--host=127.0.0.1', `--port=${fake.port}`, '--user=anyone', tls];
  const args = ['--no-defaults', ...buildLoadArgs('shop', tool).slice(1), ...login];
  return async (text) => {
    const before = fake.queries.length;
    const child = spawn(tool.file, args, { cwd, env, stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.stdin.on('error', () => undefined); // it may stop reading; then statements are missing
    child.stdin.end(text);
    await new Promise((resolve) => child.once('close', resolve));
    assert.deepEqual(await readdir(cwd), []);
    const sent = fake.queries.slice(before).filter((query) => !GREETINGS.includes(query));
    if (complaint !== '') sent.push(`(the client said: ${complaint})`);
    return sent;
  };
}
