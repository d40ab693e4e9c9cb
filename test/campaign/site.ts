import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { signalProcess } from '../harness/processes.ts';
import { startProgram } from '../harness/running-program.ts';
import type { ProgramResult, RunningProgram } from '../harness/running-program.ts';
import type { TestServer } from '../harness/test-server.ts';
import { manyRowsSql } from '../fixtures/large-databases.ts';
import type { TestBed } from './family.ts';
import { familyOf } from './invariants.ts';

/** About 3 MB of dump: a create takes about a second, half of it in the dump. */
const SITE_SQL = `${manyRowsSql(20_000)}
  ALTER TABLE many_rows AUTO_INCREMENT = 20001; -- a counter that ran ahead does not outlast the server
  CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE = InnoDB;
  INSERT INTO small VALUES (1, 'one'), (2, 'two');
  CREATE VIEW seen AS SELECT id, v FROM small;
  CREATE TRIGGER tr BEFORE INSERT ON small FOR EACH ROW SET NEW.v = UPPER(NEW.v);
  CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n;
`;

interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Put before the command: `['strace', …]`. */
  readonly wrapper?: readonly string[];
  readonly input?: Uint8Array;
}

/**
 * Where one lane of a family works: a folder, a database, and an account whose password is a marker that must be seen
 * nowhere. It remembers what it ran and which backups it has seen, for the invariants.
 */
export class Site implements AsyncDisposable {
  readonly server: TestServer;
  readonly folder: string;
  readonly backups: string;
  readonly tmp: string;
  readonly database: string;
  readonly marker: string;
  /** sha256 of every backup and manifest that was visible at some time, by path. */
  readonly seen = new Map<string, string>();
  readonly pids = new Set<number>();
  /** Everything that the runs said. */
  readonly said: string[] = [];
  /** Hash of the SQL that every whole backup of this database holds, once it is known. */
  contentHash: string | undefined;
  /** Whether the database's content changes, so that backups differ. */
  readonly contentChanges: boolean;
  readonly #entry: string;

  private constructor(bed: TestBed, folder: string, contentChanges: boolean) {
    this.contentChanges = contentChanges;
    this.#entry = bed.program.entry;
    this.server = bed.server;
    this.folder = folder;
    this.backups = join(folder, 'backups');
    this.tmp = join(folder, 'tmp');
    const id = randomBytes(4).toString('hex');
    this.database = `campaign_${id}`;
    this.marker = `canary-${randomBytes(8).toString('hex')}`;
  }

  static async open(bed: TestBed, sql: string = SITE_SQL, { contentChanges = false } = {}): Promise<Site> {
    const site = new Site(bed, await mkdtemp(join(bed.folder, 'site-')), contentChanges);
    await mkdir(site.tmp);
    const { server, database, user, marker } = site;
    await server.sql(
      `CREATE DATABASE ${database};
       CREATE USER ${user}@'%' IDENTIFIED BY '${marker}'; GRANT ALL ON *.* TO ${user}@'%' WITH GRANT OPTION;`,
    );
    await server.sql(sql, database);
    return site;
  }

  get user(): string {
    return this.database.replace('campaign', 'user');
  }

  get env(): Readonly<Record<string, string | undefined>> {
    return {
      ...this.server.environment,
      TMPDIR: this.tmp,
      DBBACKUP_USER: this.user,
      DBBACKUP_PASSWORD: this.marker,
    };
  }

  async start(args: readonly string[], options: RunOptions = {}): Promise<RunningProgram> {
    const command = [...(options.wrapper ?? []), process.execPath, this.#entry, ...args];
    const run = await startProgram(command, {
      cwd: this.folder,
      env: { ...this.env, ...options.env },
      input: options.input,
    });
    this.pids.add(run.pid);
    void run.finished.then(({ exitCode, signal, stdout, stderr }) =>
      this.said.push(`$ dbbackup ${args.join(' ')}\n${stdout}${stderr}[${exitCode ?? signal ?? '?'}]\n`),
    );
    return run;
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    return (await this.start(args, options)).finished;
  }

  /** Runs what must succeed. @returns its stdout. */
  async succeeds(args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    const result = await this.run(args, options);
    if (result.exitCode !== 0)
      throw new Error(
        `dbbackup ${args.join(' ')} ended with ${result.exitCode ?? result.signal ?? '?'}: ${result.stderr}`,
      );
    return result;
  }

  /**
   * Backs up, as far as the drafts of job files can tell an hour later: younger ones are taken for a living run's.
   *
   * @returns the path of the backup.
   */
  async create(...args: readonly string[]): Promise<string> {
    const jobs = join(this.backups, '.jobs');
    const anHourAgo = Date.now() / 1000 - 3600;
    for (const name of await readdir(jobs).catch(() => []))
      if (name.endsWith('.new')) await utimes(join(jobs, name), anHourAgo, anHourAgo);
    return (await this.succeeds(['create', this.database, ...args])).stdout.trim();
  }

  /** Ends what still runs, and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of familyOf(this)) signalProcess(pid, 'SIGKILL');
    await this.server
      .sql(
        `SET FOREIGN_KEY_CHECKS = 0; DROP DATABASE IF EXISTS ${this.database}; DROP USER IF EXISTS ${this.user}@'%';`,
      )
      .catch(() => undefined); // the server may be what was killed
    await rm(this.folder, { recursive: true, force: true });
  }
}
