import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createBackup,
  doctor,
  processRuntime,
  resolveSettings,
  restoreBackup,
  verifyBackups,
} from '../../../src/index.ts';
import type { Verification } from '../../../src/index.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { putFile } from '../backups/planted-files.ts';

const runtime = processRuntime({ command: 'library.test.ts' });

test('verifies backups, and tells of each when it has been read', async () => {
  const directory = await temporaryFolder();
  putFile(directory, 'shop', 'half.sql', 'CREATE TABLE t (id INT);\n');
  const told: Verification[] = [];

  const verifications = await verifyBackups(
    { directory, references: [], all: true, allowIncomplete: false, rehearsal: undefined },
    runtime,
    {
      begins: () => undefined,
      ended: (verification) => {
        told.push(verification);
        return Promise.resolve();
      },
    },
  );

  expect(verifications).toMatchObject([{ reference: 'shop/half', error: { code: 'damaged' } }]);
  expect(told).toEqual(verifications);
});

test.each([undefined, 'shop'])(
  'takes unsafe statements only where a function is asked, not with confirm: %s',
  async (confirm) => {
    const directory = await temporaryFolder();
    const { connection } = await resolveSettings({ socket: join(directory, 'nobody.sock') }, runtime);
    const request = { connection, directory, reference: 'latest', allowUnsafe: true, confirm };
    await expect(restoreBackup(request, runtime)).rejects.toMatchObject({
      code: 'usage',
      message: 'allowUnsafe needs a function as `confirm`.',
      hint: 'It is called with the plan, whose `allowed` lists the statements, and throws to refuse them.',
    });
  },
);

test('says what would go wrong, without a server', async () => {
  const directory = await temporaryFolder();
  const socket = join(directory, 'nobody.sock');
  const settings = await resolveSettings({ socket, user: 'tester' }, runtime, () => Promise.resolve(''));

  const findings = await doctor(
    {
      connection: settings.connection,
      directory,
      databases: [],
      compression: { method: 'none', level: undefined },
      nodeVersion: process.versions.node,
      sameServer: settings.sameServer,
      settings,
    },
    runtime,
  );

  expect(findings).toContainEqual(expect.objectContaining({ level: 'problem', check: 'connection' }));
  expect(findings).toContainEqual(expect.objectContaining({ level: 'ok', check: 'folder' }));
});

test.each([
  { title: 'an abort', signal: () => AbortSignal.abort(), code: 'interrupted', name: 'AbortError' },
  { title: 'a time limit', signal: () => AbortSignal.timeout(0), code: 'timeout', name: 'TimeoutError' },
])('ends with its own error at $title of the calling program', async ({ signal, code, name }) => {
  const directory = await temporaryFolder();
  const aborted = signal();
  if (!aborted.aborted) await once(aborted, 'abort');
  const cancelled = processRuntime({ command: 'library.test.ts', signal: aborted });
  const settings = await resolveSettings({ user: 'tester' }, runtime, () => Promise.resolve(''));

  const creating = createBackup(
    {
      connection: settings.connection,
      directory,
      database: 'shop',
      ...{ label: 'manual', compression: { method: 'none', level: undefined } },
      ...{ destination: { kind: 'directory' }, lockWaitMs: 0, allowEmpty: false, skipBroken: false },
      skip: { routines: false, events: false, triggers: false },
    },
    cancelled,
  );

  const error: unknown = await creating.catch((error: unknown) => error);
  expect(error).toMatchObject({ name: 'DbBackupError', code });
  expect(causesOf(error)).toContainEqual(expect.objectContaining({ name }));
});

function causesOf(error: unknown): readonly unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
