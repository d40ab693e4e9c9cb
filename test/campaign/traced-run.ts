import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '../harness/build.ts';
import type { ProgramResult } from '../harness/running-program.ts';
import type { Site } from './site.ts';

/** One system call on a path, as strace wrote it down. */
export interface TracedCall {
  readonly thread: string;
  readonly name: string;
  /** The whole line, with the paths of descriptors. */
  readonly line: string;
  readonly isInjected: boolean;
}

interface TracedResult {
  readonly result: ProgramResult;
  readonly calls: readonly TracedCall[];
}

const JOB_LETTERS = 'bcdfghjkmnpqrstvwxyz23456789'.split('');
/** A backup is named for the second in which its dump begins. */
const SECONDS_AHEAD = 15;
const TOKENS = 12;

/**
 * Runs dbbackup under strace, which sees, and makes fail, only calls on the files of the site's backup directory: not
 * those with which Node loads itself and the program. strace wants whole paths, so their names have to be known
 * beforehand: see `test/fixtures/bin/known-names.js`. Calls are counted for each thread; with one thread in libuv's
 * pool the n-th is always the same.
 */
export class TracedRuns {
  readonly #site: Site;
  /** Names in the backup directory, with `{job}`, `{time}` and `{token}` for what differs from run to run. */
  #names: readonly string[] = [];
  readonly #log: string;

  constructor(site: Site, folder: string) {
    this.#site = site;
    this.#log = join(folder, 'strace'); // not in the site: strace may show what is written, which nobody else may
  }

  /** Learns from one run which files are touched. `args` must be those of the runs to come, but for names. */
  async learn(args: readonly string[]): Promise<TracedResult> {
    const job = newJob();
    const traced = await this.#run(job, args, ['-e', `trace=${ALL_CALLS}`]);
    const { backups } = this.#site;
    const paths = traced.calls.flatMap(({ line }) => line.match(/(?<=[<"])\/[^>"]*/g) ?? []);
    const names = paths
      .filter((path) => path === backups || path.startsWith(`${backups}/`))
      .map((path) => patternOf(path.slice(backups.length), job));
    this.#names = [...new Set(names)];
    return traced;
  }

  /** @param inject As strace takes it: `write:error=EIO:when=3`; undefined only looks. */
  run(args: readonly string[], inject?: string): Promise<TracedResult> {
    const job = newJob();
    const paths = this.#names.flatMap((name) => namesOf(name, job)).map((name) => this.#site.backups + name);
    const traced = inject === undefined ? ALL_CALLS : inject.split(':')[0]!;
    return this.#run(job, args, [
      ...['-e', `trace=${traced}`],
      ...(inject === undefined ? [] : ['-e', `inject=${inject}`]),
      ...paths.flatMap((path) => ['-P', path]),
    ]);
  }

  async #run(job: string, args: readonly string[], options: readonly string[]): Promise<TracedResult> {
    const result = await this.#site.run(args, {
      // -s: nothing of what is written, which would be the option file's password.
      wrapper: ['strace', '-f', '-qq', '-y', '-s', '0', '--seccomp-bpf', '-o', this.#log, ...options],
      env: {
        UV_THREADPOOL_SIZE: '1',
        KNOWN_JOB: job,
        NODE_OPTIONS: `--import=${pathToFileURL(join(REPOSITORY, 'test/fixtures/bin/known-names.js')).href}`,
      },
    });
    return { result, calls: callsIn(readFileSync(this.#log, 'latin1')) };
  }
}

/** What dbbackup asks of the system about its files. */
const ALL_CALLS =
  'openat,read,pread64,write,pwrite64,writev,fsync,link,rename,unlink,rmdir,mkdir,close,fchmod,chmod,statx,getdents64,statfs';

function callsIn(log: string): readonly TracedCall[] {
  return log.split('\n').flatMap((line) => {
    const match = /^(\d+) +(\w+)\(/.exec(line);
    if (match === null) return []; // how a thread ended, or the second half of a call
    return [{ thread: match[1]!, name: match[2]!, line, isInjected: line.includes('(INJECTED)') }];
  });
}

function newJob(): string {
  return Array.from({ length: 8 }, () => JOB_LETTERS[randomInt(JOB_LETTERS.length)]).join('');
}

const TIME = /\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d/;

/** A backup that was there before keeps its name: its time is not now. */
function patternOf(name: string, job: string): string {
  const token = Buffer.from(job, 'latin1').toString('hex');
  return name
    .replaceAll(new RegExp(`${token}[0-9a-f]{2}`, 'g'), '{token}')
    .replaceAll(job, '{job}')
    .replace(TIME, (time) => (isOld(time) ? time : '{time}'))
    .replace(/ \(deleted\)$/, '');
}

const HOUR_MS = 3_600_000;

/** `2026-11-22_03-00-00`: of no backup of this trial. */
function isOld(time: string): boolean {
  const [day = '', clock = ''] = time.split('_');
  return Date.parse(`${day}T${clock.replaceAll('-', ':')}Z`) < Date.now() - HOUR_MS;
}

function namesOf(pattern: string, job: string): readonly string[] {
  const known = pattern.replaceAll('{job}', job);
  const tokens = Array.from({ length: TOKENS }, (_, n) =>
    Buffer.from(`${job}${String.fromCharCode(97 + n)}`, 'latin1').toString('hex'),
  );
  const now = Date.now();
  const times = Array.from({ length: SECONDS_AHEAD }, (_, n) =>
    new Date(now + n * 1000).toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-'),
  );
  return (known.includes('{token}') ? tokens : ['']).flatMap((token) =>
    (known.includes('{time}') ? times : ['']).map((time) =>
      known.replaceAll('{token}', token).replaceAll('{time}', time),
    ),
  );
}
