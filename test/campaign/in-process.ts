import { loadProgram } from '../harness/in-process.ts';
import type { Ending } from '../harness/in-process.ts';
import type { TestServer } from '../harness/test-server.ts';
import type { Program } from './family.ts';

/** Runs the program's command line within this process: what is tried is what it does to a database. */
export async function inProcess(
  { dist }: Program,
  server: TestServer,
  cwd: string,
): Promise<(args: readonly string[]) => Promise<Ending>> {
  const run = await loadProgram(dist);
  return (args) => run(args, { cwd, env: { ...server.environment, TMPDIR: cwd } });
}
