import type { Check, Verdict } from '../check.ts';

const NAME = 'server';

/** Whether the server said which databases there are; only where it was asked. */
export const server: Check = {
  name: NAME,
  judge({ history: { server, databases } }): readonly Verdict[] {
    if (server === undefined) return [];
    if ('databases' in server)
      return [{ level: 'ok', check: NAME, message: `The server lists its databases: ${server.databases}.` }];
    const checked = databases.length === 0 ? 'none is checked' : 'those that are known here are checked';
    return [
      {
        ...{ level: 'unknown', check: NAME },
        message: `${server.failure} Which databases it has is not known; ${checked}.`,
        fix: server.hint?.split('\n'),
      },
    ];
  },
};
