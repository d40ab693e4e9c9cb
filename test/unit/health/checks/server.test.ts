import { expect, test } from 'vitest';
import { server } from '../../../../src/health/checks/server.ts';
import { shop, subject } from '../some-history.ts';

test('is silent where no server was asked', () => {
  expect(server.judge(subject([shop()]))).toEqual([]);
});

test('says that the server lists its databases', () => {
  expect(server.judge(subject([shop()], {}, { server: { databases: 3 } }))).toEqual([
    { level: 'ok', check: 'server', message: 'The server lists its databases: 3.' },
  ]);
});

test('says why it does not, what is checked all the same, and what to type', () => {
  const down = {
    failure: 'The server at db:3306 cannot be reached.',
    hint: 'Is it running?\nsystemctl status mariadb',
  };
  expect(server.judge(subject([shop()], {}, { server: down }))).toEqual([
    {
      ...{ level: 'unknown', check: 'server' },
      message:
        'The server at db:3306 cannot be reached. Which databases it has is not known; those that are known here are checked.',
      fix: ['Is it running?', 'systemctl status mariadb'],
    },
  ]);
  const [none] = server.judge(subject([], {}, { server: down }));
  expect(none?.message).toMatch(/none is checked\.$/);
});
