import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { PROGRAM } from './build.ts';
import { temporaryFolder, workspace } from './workspace.ts';

export type ShellName = 'bash' | 'zsh' | 'fish';

/** How each is started without anybody's configuration, and what it takes to have our completion. */
const SHELLS: Readonly<Record<ShellName, { readonly start: string; readonly setUp: string }>> = {
  bash: { start: 'bash --norc --noprofile -i', setUp: 'source <(dbbackup completion bash)' },
  zsh: {
    start: 'zsh -f -i',
    setUp: 'autoload -Uz compinit; compinit -u -D; source <(dbbackup completion zsh)',
  },
  fish: { start: 'fish --no-config -i', setUp: 'dbbackup completion fish | source' },
};

export interface TypedShell {
  /** The arguments that `dbbackup` was started with, line by line. */
  readonly started: readonly (readonly string[])[];
  /** All that the terminal showed. */
  readonly text: string;
}

/**
 * Types into a real shell on a terminal of its own. The `dbbackup` on its PATH completes as ours does, and else only
 * keeps what it is started with: what a completed word means to the shell.
 *
 * @param lines Of keys; Enter is typed behind each.
 */
export async function typeInto(shell: ShellName, lines: readonly string[]): Promise<TypedShell> {
  const { folder } = await workspace();
  const home = await temporaryFolder();
  const [program, kept] = [join(home, 'dbbackup'), join(home, 'started')];
  await writeFile(
    program,
    '#!/bin/sh\n' +
      `case $1 in __complete | completion) exec ${process.execPath} ${PROGRAM} "$@" ;; esac\n` +
      `printf '%s\\0' "$@" >> ${kept}; printf 'end of line\\0' >> ${kept}\n`,
  );
  await chmod(program, 0o755);
  await writeFile(kept, '');
  const { start, setUp } = SHELLS[shell];
  const run = execa('script', ['--quiet', '--return', '--command', start, '/dev/null'], {
    cwd: folder,
    env: {
      ...{ PATH: `${home}${delimiter}${process.env['PATH'] ?? ''}`, HOME: home, INPUTRC: '/dev/null' },
      ...{ TERM: 'xterm', COLUMNS: '160', LC_ALL: 'C.UTF-8' },
    },
    extendEnv: false,
    reject: false,
    all: true,
    timeout: 170_000,
  });
  // Before the shell has its line editor, a Tab would be a blank like any other.
  const typed = [`${setUp}; echo all''set`, ...lines, 'exit'];
  let seen = '';
  run.all.setEncoding('utf8').on('data', (text: string) => {
    const wasSet = seen.includes('allset');
    seen += text;
    if (!wasSet && seen.includes('allset'))
      setTimeout(() => run.stdin.write(`${typed.slice(1).join('\r')}\r`), 500);
  });
  setTimeout(() => run.stdin.write(`${typed[0] ?? ''}\r`), 500);
  const { all } = await run;
  const words = (await readFile(kept, 'utf8')).split('\0').slice(0, -1);
  const started: string[][] = [];
  let line: string[] = [];
  for (const word of words) {
    if (word !== 'end of line') line.push(word);
    else line = (started.push(line), []);
  }
  return { started, text: all };
}
