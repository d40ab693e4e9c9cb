import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathWith, programNames } from './fake-programs.ts';
import type { TestServer } from './test-server.ts';

/** Shell scripts, whose `$*` are the dump tool's arguments; the working directory is that of the run. */
interface DumpHooks {
  readonly first?: string;
  readonly then?: string;
}

/** A PATH whose dump tool does something before and after each dump. */
export async function dumpToolWith(
  server: TestServer,
  { first, then }: DumpHooks,
): Promise<{ readonly PATH: string }> {
  const { PATH } = await pathWith(server, { dumpTool: 'dump-tool-between.sh' });
  const tool = join(PATH.split(':')[0] ?? '', programNames(server).dumpTool);
  if (first !== undefined) await writeFile(`${tool}.first`, first);
  if (then !== undefined) await writeFile(`${tool}.then`, then);
  return { PATH };
}

/** For such a script: only in the dump of a restore's old tables, or only in any other. */
export function ofOldTables(script: string): string {
  return `case "$*" in *dbbackup_old_*) ${script} ;; esac\n`;
}

export function ofSafetyBackup(script: string): string {
  return `case "$*" in *dbbackup_old_*) ;; *) ${script} ;; esac\n`;
}

/** For such a script: statements without quotes. */
export function runSql(server: TestServer, database: string, sql: string): string {
  const options = server.clientOptions.map((option) => `'${option}'`).join(' ');
  return `'${server.client}' ${options} ${database} -e "${sql}"`;
}
