import { execa } from 'execa';
import { PROGRAM } from './build.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

/** What is typed when these words have come, once. */
export interface Answer {
  readonly words: string;
  readonly answer: string;
}

/** Runs a command on a terminal of its own (util-linux's `script`), and types when it asks. */
export async function runAtTerminal(
  server: TestServer,
  command: string,
  answers: readonly Answer[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number | undefined; readonly text: string }> {
  const { folder, tmp } = await workspace();
  const line = command.replace(/^dbbackup/, `${process.execPath} ${PROGRAM}`);
  const run = execa('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd: folder,
    env: { ...server.environment, TMPDIR: tmp, TERM: 'xterm', COLUMNS: '200', ...env },
    extendEnv: false,
    reject: false,
    all: true,
  });
  let seen = '';
  run.all.setEncoding('utf8').on('data', (text: string) => {
    const before = seen;
    seen += text;
    for (const { words, answer } of answers)
      if (!before.includes(words) && seen.includes(words)) setTimeout(() => run.stdin.write(answer), 300); // inquirer listens after it has drawn
  });
  const { exitCode, all } = await run;
  // eslint-disable-next-line no-control-regex -- escape sequences are what a terminal is sent
  return { exitCode, text: all.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '') };
}
