// Sessions at a terminal that the documentation shows, and what really is printed.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { JOB_ID_LENGTH, JOB_ID_LETTERS } from '../../src/run/job-id.ts';
import { PROGRAM } from './build.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

/** Wide enough that nothing but the longest prose is broken. */
const COLUMNS = 140;

/** One command of a session. */
interface Exchange {
  readonly command: string;
  /** `…` on a line by itself stands for any number of lines. */
  readonly output: readonly string[];
}

/** The commands of a block, each with what is shown below it. */
export function exchangesOf(block: string): readonly Exchange[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...output] = text.split('\n');
      return { command, output: output.filter((line) => line !== '') };
    });
}

/**
 * Runs a command on a terminal of its own in the test's workspace, as a user who logs in through the server's socket.
 * `dbbackup` is there as after `npm install --global`; `mariadb` stands for the server's own client.
 *
 * @param user Of the server.
 * @returns what is on the screen in the end: no spinners, no question that was answered.
 */
export async function atTerminal(
  { command, output }: Exchange,
  server: TestServer,
  user: string,
): Promise<readonly string[]> {
  const { folder, tmp } = await workspace();
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const program = `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`;
  await writeFile(join(bin, 'dbbackup'), program, { mode: 0o755 });
  await writeFile(join(folder, '.my.cnf'), `[client]\nsocket=${server.socket}\nuser=${user}\n`, {
    mode: 0o600,
  });

  const line = command.replace(/^mariadb /, `'${server.client}' ${server.clientOptions.join(' ')} `);
  const run = execa('script', ['-qec', `stty cols ${COLUMNS}; ${line}`, '/dev/null'], {
    cwd: folder,
    env: {
      PATH: `${bin}:${server.environment['PATH'] ?? ''}`,
      HOME: folder,
      TMPDIR: tmp,
      TERM: 'xterm',
      TZ: 'UTC',
    },
    extendEnv: false,
    reject: false,
    all: true,
  });
  const [, answer] = /^✔ .*\?? \(.*\): (\S+)$/m.exec(output.join('\n')) ?? [];
  if (answer === undefined) run.stdin.end();
  else typeWhenAsked(run, answer);
  return screenOf((await run).all, folder, server);
}

/** Types an answer when a line begins with a question mark, whatever it asks. */
function typeWhenAsked(
  run: { readonly all: NodeJS.ReadableStream; readonly stdin: NodeJS.WritableStream },
  answer: string,
): void {
  let seen = '';
  let isTyped = false;
  run.all.on('data', (text: Buffer) => {
    seen += text.toString('utf8');
    if (isTyped || !withoutColours(seen).some((line) => line.startsWith('? '))) return;
    isTyped = true;
    setTimeout(() => run.stdin.write(`${answer}\r`), 300); // inquirer listens after it has drawn
  });
}

/** Sequences that move the cursor begin a new line here, as they do on the screen; the others are colours. */
function withoutColours(text: string): readonly string[] {
  /* eslint-disable no-control-regex -- escape sequences are what a terminal is sent */
  return text
    .replaceAll(/\u001b\[\d*[A-HJK]/g, '\n')
    .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replaceAll('\r', '\n')
    .split('\n');
  /* eslint-enable no-control-regex */
}

function screenOf(text: string, folder: string, server: TestServer): readonly string[] {
  return withoutColours(text)
    .map((line) =>
      line.replaceAll(folder, '/srv/site').replaceAll(server.socket, '/run/mysqld/mysqld.sock').trimEnd(),
    )
    .filter((line) => line !== '' && !/^[\u2800-\u28ff?]/u.test(line));
}

/** A line without what is another one in each run. */
export function lasting(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replaceAll(/_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d/g, '_TIME')
    .replaceAll(/\b[\d.,]+ (?:B|[kMG]i?B)\b/g, 'SIZE')
    .replaceAll(/\b(?:[\d.]+ (?:ms|s|min)|less than a second)\b/g, 'DURATION')
    .replaceAll(/\bjust now|DURATION ago\b/g, 'AGE')
    .replaceAll(/\(\d+( checked)?\)/g, '(COUNT$1)')
    .replaceAll(new RegExp(String.raw`\b[${JOB_ID_LETTERS}]{${JOB_ID_LENGTH}}\b`, 'g'), 'JOB')
    .replaceAll(/ +/g, ' ')
    .trim();
}

/**
 * What is shown, and what is printed in its place: the same where the documentation is right.
 *
 * @param shown `…` on a line by itself stands for any number of lines.
 */
export function compare(
  shown: readonly string[],
  printed: readonly string[],
): { readonly shown: readonly string[]; readonly printed: readonly string[] } {
  const rest = printed.map(lasting);
  const parts: string[][] = [[]];
  for (const line of shown.map(lasting)) {
    if (line === '…') parts.push([]);
    else parts.at(-1)?.push(line);
  }
  const inPlace = parts.flatMap((part, index) => {
    const [first] = part;
    if (index > 0 && first !== undefined) rest.splice(0, Math.max(0, rest.indexOf(first)));
    const isEnd = index === parts.length - 1 && (first !== undefined || index === 0);
    return rest.splice(0, isEnd ? rest.length : part.length);
  });
  return { shown: parts.flat(), printed: inPlace };
}
