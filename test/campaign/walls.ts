import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dumpWith, hostileDumps } from '../fixtures/hostile-corpus.ts';
import type { HostileTargets } from '../fixtures/hostile-statements.ts';
import { loadAccountSession } from '../harness/load-account-session.ts';
import { DumpStatementError } from '../../src/server/connect/server-failures.ts';
import { mutated } from '../harness/mutated-dumps.ts';
import type { TestServer } from '../harness/test-server.ts';
import { pick, upTo } from './family.ts';
import type { Family, TestBed } from './family.ts';
import { inProcess, restoreAllowing } from './in-process.ts';
import { Site } from './site.ts';

const SMALL = `CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE = InnoDB;
  INSERT INTO small VALUES (1, 'one'), (2, 'two');`;

/** One way more, for each of the others. */
const ALLOWING = '--allow-unsafe';

/** Statements of one trial. */
const AT_ONCE = 250;

/** The guard: each dump of the corpus, in both methods, with the load account and without. */
export const hostileCorpus: Family = {
  name: 'hostile-corpus',
  promises: 'P24',
  fault:
    'each dump of the hostile corpus, through a staging schema or in place, with the load account or without, and with --allow-unsafe and every answer given',
  trials: { brief: 0, usual: 2_600, long: 2_600 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const ground = await groundOf(bed);
    const { site, targets } = ground;
    const run = await inProcess(bed.program, site.server, site.folder);
    const dumps = hostileDumps(targets);
    const ways = [
      '--load-account auto',
      '--load-account off',
      '--in-place --load-account auto',
      '--in-place --load-account off',
    ];
    return {
      cases: dumps.flatMap((_, n) =>
        [...ways, ...ways.map((way) => `${ALLOWING} ${way}`)].map((way) => `${n} ${way}`),
      ),
      async attempt({ title }) {
        const [number = '', ...way] = title.split(' ');
        const dump = dumps[Number(number)]!;
        const path = join(site.folder, 'hostile.sql');
        await writeFile(path, dumpWith(dump));
        const { database } = site;
        if (way[0] === ALLOWING) {
          const exitCode = await restoreAllowing(bed.program, site.server, {
            ...{ directory: join(site.folder, 'backups'), reference: path, to: database },
            inPlace: way.includes('--in-place'),
            loadAccount: way.includes('off') ? 'off' : 'auto',
          });
          assert([0, 16, 19, 20].includes(exitCode), `${dump.kind}: ${dump.sql}: ${exitCode}`);
          await ground.expectUntouched();
          return;
        }
        const where = ['--to', database, '--confirm', database, '--no-safety-backup'];
        const { exitCode, stderr } = await run(['restore', path, ...where, ...way]);
        assert([16, 19].includes(exitCode), `${dump.kind}: ${dump.sql}: ${exitCode} ${stderr}`);
        await ground.expectUntouched();
      },
      [Symbol.asyncDispose]: () => ground[Symbol.asyncDispose](),
    };
  },
};

/** The server: what no guard has looked at, as the account that loads rows. */
export const hostileMutations: Family = {
  name: 'hostile-mutations',
  promises: 'P24',
  fault: `${AT_ONCE} statements of hostile and honest dumps, changed at random, by the account that loads rows with no guard before it`,
  trials: { brief: 0, usual: 1_200, long: 6_000 },
  servers: 'each',
  lanes: 1,
  async prepare(bed) {
    const ground = await groundOf(bed);
    const { site, targets } = ground;
    const statements = [
      ...hostileDumps(targets)
        .filter(({ inRows }) => inRows === true)
        .map(({ sql }) => sql.slice(0, -1)),
      "INSERT INTO `small` VALUES (11,'a'),(12,'b\\\\'),(13,NULL)",
      'REPLACE INTO small (id) VALUES (7)',
      "INSERT IGNORE INTO small VALUES (1,_binary 'x'),(2,0x41) ON DUPLICATE KEY UPDATE v=VALUES(v)",
      `SET sql_mode='ANSI_QUOTES', @a=(SELECT 1)`,
      `SELECT 1 FROM ${targets.other}.t`,
    ];
    return {
      async attempt({ random }) {
        await using session = await loadAccountSession(site.server, site.database);
        for (let n = 0; n < AT_ONCE; n++) {
          const original = Buffer.from(pick(random, statements));
          const text = random() < 0.2 ? original : mutated(original, (below) => upTo(random, below));
          await session.execute(waitless(text)).catch((error: unknown) => {
            // Anything else: the statements behind it would reach no server.
            assert(error instanceof DumpStatementError, `${text.toString('latin1')}: ${String(error)}`);
          });
        }
        await session.execute("SET SESSION sql_mode = ''");
        await session.execute('REPLACE INTO small VALUES (1000, CONNECTION_ID())');
        await session.execute('COMMIT');
        assert.notEqual(await site.server.query('SELECT v FROM small WHERE id = 1000', site.database), '');
        await ground.expectUntouched();
      },
      [Symbol.asyncDispose]: () => ground[Symbol.asyncDispose](),
    };
  },
};

/** What may come of a change, and holds the trial up without reaching anything. */
function waitless(statement: Buffer): Buffer {
  return Buffer.from(statement.toString('latin1').replaceAll(/sleep|benchmark|get_lock/gi, 'pi'), 'latin1');
}

interface WallGround extends AsyncDisposable {
  readonly site: Site;
  readonly targets: HostileTargets;
  /** @throws {Error} When anything but the rows of the site's own database is another than it was. */
  expectUntouched(): Promise<void>;
}

/** A database to restore into, and around it all that must not be reached: the canaries. */
async function groundOf(bed: TestBed): Promise<WallGround> {
  const site = await Site.open(bed, SMALL, { contentChanges: true });
  const { server, database } = site;
  const other = `${database}_other`;
  const targets = { other, canary: join(site.folder, 'canary'), secretFile: join(site.folder, 'secret') };
  await writeFile(targets.secretFile, '99\tread-from-the-host\n', { mode: 0o644 });
  await server.sql(`CREATE DATABASE ${other};`);
  await server.sql(
    `CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);
     ${server.flavour === 'mariadb' ? 'CREATE SEQUENCE s;' : ''}
     CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
     CREATE PROCEDURE p() INSERT INTO t VALUES (2);
     CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @seen = 1;
     CREATE VIEW v AS SELECT id FROM t;`,
    other,
  );
  const before = await surroundings(server, other);
  return {
    site,
    targets,
    async expectUntouched() {
      assert(!existsSync(targets.canary), 'a program ran, or a file was written');
      assert.deepEqual(await surroundings(server, other), before, 'something outside is another than it was');
      const read = await server.query("SELECT COUNT(*) FROM small WHERE v LIKE '%read-from%'", database);
      assert.equal(read, '0', 'a file of the host was read');
    },
    async [Symbol.asyncDispose]() {
      await server.sql(`DROP DATABASE IF EXISTS ${other};`);
      await site[Symbol.asyncDispose]();
    },
  };
}

/** The other database as its stock tool gives it, the accounts, and what the server is set to. */
async function surroundings(server: TestServer, other: string): Promise<unknown> {
  const accounts = await server.query(
    String.raw`SELECT User, Host FROM mysql.user WHERE User NOT LIKE 'dbbackup\_load\_%' AND User NOT LIKE 'user\_%' ORDER BY 1, 2`,
  );
  const globals = await server.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('max_connections', 'event_scheduler', 'sql_mode', 'init_connect',
       'general_log_file', 'character_set_server', 'read_only')`,
  );
  const names = await server.query(
    String.raw`SELECT SCHEMA_NAME FROM information_schema.SCHEMATA
      WHERE SCHEMA_NAME NOT LIKE 'dbbackup\_%' AND SCHEMA_NAME NOT LIKE 'campaign\_%' ORDER BY 1`,
  );
  return { dump: (await server.dump(other)).toString('latin1'), accounts, globals, names };
}
