import type { Check, Verdict } from '../check.ts';

/** What the other checks could not see. */
export const readable: Check = {
  name: 'readable',
  judge: ({ history: { databases, unread } }) => [
    ...unread.map((message): Verdict => ({ level: 'unknown', check: 'readable', message })),
    ...databases.flatMap(({ database, unreadable: message }): readonly Verdict[] =>
      message === undefined ? [] : [{ level: 'unknown', check: 'readable', database, message }],
    ),
  ],
};
