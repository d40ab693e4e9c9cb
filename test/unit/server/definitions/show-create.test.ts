import { expect, test } from 'vitest';
import { DbBackupError } from '../../../../src/run/errors.ts';
import type { Row, Server } from '../../../../src/server/connect/server.ts';
import { describeDatabase } from '../../../../src/server/definitions/show-create.ts';

const answering = (answer: () => Promise<readonly Row[]>) => ({ query: answer }) as unknown as Server;

test.each(['CREATE DATABASE `a``b` ', 'CREATE DATABASE "a``b" ', 'CREATE DATABASE a``b '])(
  'describeDatabase: the name is quoted whatever the session does (%s)',
  async (said) => {
    const defaults = '/*!40100 DEFAULT CHARACTER SET latin1 */';
    const server = answering(() => Promise.resolve([{ 'Create Database': `${said}${defaults}` }]));

    expect(await describeDatabase(server, 'a`b')).toBe(`CREATE DATABASE \`a\`\`b\` ${defaults}`);
  },
);

test.each([
  ['access-denied', undefined],
  ['unreachable', 'No.'],
] as const)('describeDatabase: a server that says %s', async (code, thrown) => {
  const server = answering(() => Promise.reject(new DbBackupError(code, 'No.')));
  const described = describeDatabase(server, 'shop').catch((error: unknown) => (error as Error).message);

  expect(await described).toBe(thrown);
});
