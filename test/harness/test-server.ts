import { join } from 'node:path';
import { execa } from 'execa';
import type { ServerAddress } from '../servers/throw-away-server.ts';
import { isPlainSql, runStatements, SqlError } from './statements.ts';

/** A real server. No code under test is needed to look at it. */
export class TestServer {
  readonly name: ServerAddress['name'];
  readonly flavour: ServerAddress['flavour'];
  readonly version: ServerAddress['version'];
  readonly bin: ServerAddress['bin'];
  readonly host: ServerAddress['host'];
  readonly port: ServerAddress['port'];
  readonly socket: ServerAddress['socket'];
  readonly user: ServerAddress['user'];
  readonly pid: ServerAddress['pid'];

  constructor(address: ServerAddress) {
    this.name = address.name;
    this.flavour = address.flavour;
    this.version = address.version;
    this.bin = address.bin;
    this.host = address.host;
    this.port = address.port;
    this.socket = address.socket;
    this.user = address.user;
    this.pid = address.pid;
  }

  /** Absolute path of this server's dump tool. */
  get dumpTool(): string {
    return join(this.bin, this.flavour === 'mariadb' ? 'mariadb-dump' : 'mysqldump');
  }

  /** Absolute path of this server's client. */
  get client(): string {
    return join(this.bin, this.flavour === 'mariadb' ? 'mariadb' : 'mysql');
  }

  /** As it tells its version to whoever connects. */
  get greetedVersion(): string {
    return this.flavour === 'mysql' ? this.version : `5.5.5-${this.version}`;
  }

  /** The table of sessions. MySQL cannot fill information_schema's while a statement has a character outside utf8mb3. */
  get processlist(): string {
    return this.flavour === 'mysql' ? 'performance_schema.processlist' : 'information_schema.processlist';
  }

  /** Options for this server's programs, `--no-defaults` first. */
  get clientOptions(): readonly string[] {
    return [
      '--no-defaults',
      `--socket=${this.socket}`,
      '--user=root',
      '--default-character-set=utf8mb4',
      ...(this.flavour === 'mariadb' ? ['--skip-ssl'] : []), // from 11.4 on they insist on it even here
    ];
  }

  /** Environment that leads dbbackup to this server: address, account, and its own client programs first. */
  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: `${this.bin}:${process.env['PATH'] ?? ''}`,
      DBBACKUP_HOST: this.host,
      DBBACKUP_PORT: String(this.port),
      DBBACKUP_USER: this.user,
    };
  }

  /**
   * Runs a script, with DELIMITER and all, and gives what it selected: tab-separated, without column names.
   *
   * @throws {SqlError}
   */
  async sql(text: string | Uint8Array, database?: string): Promise<string> {
    const printed = isPlainSql(text)
      ? await runStatements(text, {
          ...{ socketPath: this.socket, user: this.user },
          ...(database === undefined ? {} : { database }),
          charset: this.flavour === 'mysql' ? 'UTF8MB4_0900_AI_CI' : 'UTF8MB4_GENERAL_CI', // as their clients have it
        })
      : (await this.sqlBytes(text, database)).toString('utf8');
    return printed.trimEnd();
  }

  /** `sql` for one statement, which needs no `;`. */
  async query(statement: string, database?: string): Promise<string> {
    return this.sql(statement, database);
  }

  /** `sql` whose result is not text, through the server's own client. @throws {SqlError} With the client's text. */
  async sqlBytes(text: string | Uint8Array, database?: string): Promise<Buffer> {
    const result = await execa(
      this.client,
      [
        ...this.clientOptions,
        '--batch',
        '--skip-column-names',
        '--binary-mode',
        '--comments', // so that what a routine's body says arrives whole
        '--max-allowed-packet=1G',
        ...(database === undefined ? [] : [`--database=${database}`]),
      ],
      { input: text, encoding: 'buffer', reject: false, maxBuffer: 2 ** 30 },
    );
    if (result.exitCode !== 0) throw new SqlError(Buffer.from(result.stderr).toString('utf8').slice(-2000));
    return Buffer.from(result.stdout);
  }

  /** Loads a dump into a database as the client's users do, with no option of ours. @throws {SqlError} */
  async stockLoad(dump: string | Uint8Array, database: string): Promise<void> {
    const result = await execa(this.client, [...this.clientOptions, `--database=${database}`], {
      input: dump,
      reject: false,
    });
    if (result.exitCode !== 0) throw new SqlError(result.stderr.slice(-2000));
  }

  /**
   * A database as its stock dump tool gives it, with everything in it, for comparison byte for byte. Left out is what
   * differs between two dumps of the same data: the header's comments, which hold the database's name, and the
   * date of the end line.
   */
  async dump(database: string, options: readonly string[] = []): Promise<Buffer> {
    return comparable(await this.stockDump(database, options));
  }

  /** A database as its stock dump tool gives it, with everything in it. */
  async stockDump(database: string, options: readonly string[] = []): Promise<Buffer> {
    const result = await execa(
      this.dumpTool,
      [
        ...this.clientOptions,
        '--single-transaction',
        '--quick',
        '--routines',
        '--triggers',
        '--events',
        '--hex-blob',
        '--no-tablespaces',
        '--max-allowed-packet=1G',
        ...(this.flavour === 'mysql' ? ['--set-gtid-purged=OFF'] : []),
        ...options,
        '--',
        database,
      ],
      { encoding: 'buffer', reject: false, maxBuffer: 2 ** 30, stripFinalNewline: false },
    );
    if (result.exitCode !== 0) throw new SqlError(Buffer.from(result.stderr).toString('utf8').slice(-2000));
    return Buffer.from(result.stdout);
  }

  /** The number of rows, by counting them. */
  async countRows(database: string, table: string): Promise<number> {
    return Number(await this.query(`SELECT COUNT(*) FROM ${quoted(table)}`, database));
  }
}

/** A name in backticks: test data need names that no other code of ours has touched. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Cuts the header's comments and the end line's date off; latin1 keeps every byte what it is. */
function comparable(dump: Buffer): Buffer {
  const text = dump
    .toString('latin1')
    .replace(/^-- Host: .*\n/m, '')
    .replace(/^(-- Dumping (?:events|routines) for database) .*\n/gm, '$1\n')
    .replace(/-- Dump completed on [^\n]*\n?$/, '-- Dump completed\n');
  return Buffer.from(text, 'latin1');
}
