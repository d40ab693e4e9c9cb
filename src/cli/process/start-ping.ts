// Loaded by `--ping` alone, as start-detached.ts.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PingFailure } from '../after/post-ping.ts';
import { withoutSecrets } from '../after/without-secrets.ts';
import type { PingAnswer, PingRequest } from './ping-messages.ts';

/** Where the build puts `ping-child.ts`, beside this. */
const PROGRAM = fileURLToPath(new URL('./ping-child.cjs', import.meta.url));

/**
 * Sends one ping from a process of its own, which can be killed. The look-up of a name cannot be ended, and a process
 * that exits waits for it: minutes, when no name server answers.
 *
 * @throws {Error} when it was aborted, or the process could not be started or did not answer.
 */
export async function postPingFromChild(
  url: URL,
  body: string,
  signal: AbortSignal,
  program = PROGRAM,
): Promise<PingFailure | undefined> {
  const child = fork(program, [], {
    detached: true, // Ctrl-C is for this run, which then tells how it ended
    env: withoutSecrets(process.env),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exited = new AbortController();
  child.on('error', () => undefined); // `once` rejects with it
  child.once('exit', () => {
    exited.abort();
  });
  try {
    const answered = once(child, 'message', { signal: AbortSignal.any([signal, exited.signal]) });
    child.send({ url: url.href, body } satisfies PingRequest);
    const [answer] = (await answered) as [PingAnswer];
    return answer.failure;
  } finally {
    child.kill('SIGKILL');
  }
}
