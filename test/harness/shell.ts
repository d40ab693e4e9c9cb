import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { PROGRAM } from './build.ts';
import type { RunResult } from './dbbackup.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

/**
 * Runs a shell script in the test's workspace, in which `dbbackup` is a command as after `npm install --global`, and
 * `npx dbbackup` the same.
 *
 * @throws {Error} With what it said, unless it exits with 0; not with `mayFail`.
 */
export async function runInShell(
  script: string,
  server: TestServer,
  { mayFail = false }: { readonly mayFail?: boolean } = {},
): Promise<RunResult> {
  const { folder, tmp } = await workspace();
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'dbbackup'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`, {
    mode: 0o755,
  });
  await writeFile(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  const { exitCode, signal, stdout, stderr } = await execa('sh', ['-c', script], {
    cwd: folder,
    env: { ...server.environment, PATH: `${bin}:${server.environment['PATH'] ?? ''}`, TMPDIR: tmp },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
  });
  if (exitCode !== 0 && !mayFail) throw new Error(`${script} exited with ${String(exitCode)}: ${stderr}`);
  return { exitCode, signal, stdout, stderr };
}
