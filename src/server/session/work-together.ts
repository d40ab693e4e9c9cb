import type { Server } from '../connect/server.ts';
import type { SharedSession } from './shared-session.ts';

/**
 * Lets a session and further ones work at once. Where a further one cannot be had, there are fewer; a late one begins
 * when it is there.
 *
 * @param session Of which `server` is one.
 * @param work Takes piece by piece of what all have to do; it ends when nothing is left, or when `stop` is aborted.
 * @throws what `work` threw first; by then no session works any more, and the further ones are closed.
 */
export async function workTogether(
  server: Server,
  session: Pick<SharedSession, 'openBeside'>,
  further: number,
  work: (by: Server, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const workBeside = async (login: Promise<Server | undefined>): Promise<void> => {
    await using by = await login;
    if (by !== undefined && !stop.signal.aborted) await work(by, stop.signal);
  };
  const working = [work(server, stop.signal), ...session.openBeside(further).map(workBeside)];
  try {
    await Promise.all(working);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(working);
    throw error;
  }
}
