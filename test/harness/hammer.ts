import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { TestServer } from './test-server.ts';

/**
 * Sends a statement again and again, through one connection, each when the one before has been answered.
 *
 * @returns what ends it and tells what the server said.
 */
export async function hammer(
  server: TestServer,
  database: string,
  statement: string,
): Promise<() => Promise<{ readonly answers: readonly string[]; readonly errors: string }>> {
  const session = execa(
    server.client,
    [
      ...server.clientOptions,
      ...['--batch', '--skip-column-names', '--unbuffered', '--force', `--database=${database}`],
    ],
    { reject: false },
  );
  const answers: string[] = [];
  let goesOn = true;
  session.stdout.setEncoding('utf8').on('data', (text: string) => {
    answers.push(...text.trimEnd().split('\n'));
    if (goesOn) session.stdin.write(`${statement}\n`);
  });
  const stop = async () => {
    goesOn = false;
    session.stdin.end();
    const { stderr } = await session;
    return { answers, errors: stderr };
  };
  onTestFinished(async () => {
    await stop();
  });
  await new Promise((resolve) => {
    session.stdout.once('data', resolve);
    session.stdin.write(`${statement}\n`);
  });
  return stop;
}
