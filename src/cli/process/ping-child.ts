// The process that `start-ping.ts` starts: it sends one ping, says what came of it, and is killed.
import { postPing } from '../after/post-ping.ts';
import type { PingAnswer, PingRequest } from './ping-messages.ts';

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGKILL'); // the run was killed itself; exiting would wait for the look-up
});
process.once('message', ({ url, body }: PingRequest) => {
  void postPing(new URL(url), body, new AbortController().signal).then((failure) =>
    process.send?.({ failure } satisfies PingAnswer),
  );
});
