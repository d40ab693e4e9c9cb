import { expect, test } from 'vitest';
import { detachRisks } from '../../../../src/cli/detach/detach-risks.ts';

const HARMLESS = {
  env: {},
  cgroup: '0::/user.slice/user-1000.slice/session-3.scope\n',
  init: 'systemd',
  pid: 4711,
  parentPid: 4710,
  program: '/usr/lib/node_modules/dbbackup/bin/dbbackup.js',
};

test.each([
  ['a login session', {}],
  [
    'a shell of a desktop',
    { cgroup: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/xterm.scope\n' },
  ],
  ['a daemon of its own under systemd', { parentPid: 1 }],
  ['cron', { cgroup: '0::/system.slice/cron.service\n' }],
  ['docker exec', { parentPid: 0, init: 'mariadbd' }],
  ['a container with an init', { parentPid: 1, init: 'tini' }],
  ['CI switched off', { env: { CI: 'false' } }],
])('nothing is said in %s', (_, at) => {
  expect(detachRisks({ ...HARMLESS, ...at })).toEqual([]);
});

test.each([
  [
    'a systemd unit',
    { cgroup: '0::/system.slice/backup.service\n' },
    'This runs in the systemd unit backup.service',
  ],
  ['a CI step', { env: { CI: 'true' } }, 'This is a CI step'],
  [
    "a container's first process",
    { pid: 1, init: 'node' },
    'The container stops with its first process (node)',
  ],
  ["the shell of a container's first process", { parentPid: 1, init: 'sh' }, 'first process (sh)'],
  ['npx', { program: '/root/.npm/_npx/1a2b/node_modules/dbbackup/bin/dbbackup.js' }, "runs from npx's cache"],
])('what the job dies with is said in %s', (_, at, words) => {
  expect(detachRisks({ ...HARMLESS, ...at })).toEqual([expect.stringContaining(words)]);
});
