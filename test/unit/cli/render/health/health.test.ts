import { expect, test } from 'vitest';
import {
  documentOfWrong,
  exitCodeOfHealth,
  healthDocument,
  renderHealth,
} from '../../../../../src/cli/render/health/health.ts';
import { plainPaint } from '../../../../../src/cli/render/text/paint.ts';
import { FINE, LEFT, OLD, someHealth, UNSEEN } from './some-health.ts';

test('tells the worst first, what to type, and what was not checked', () => {
  expect(renderHealth(someHealth([FINE, UNSEEN, LEFT, OLD]), plainPaint, { quiet: false })).toBe(
    `Critical
  shop is old.
    dbbackup create shop

Warnings
  There is a file.

Unknown
  A folder cannot be read.

OK
  age  shop is OK.

Not checked unless asked for
  copies: --min-copies

1 critical, 1 warning, 1 unknown, 1 OK.
`,
  );
});

test('with --quiet only what is wrong', () => {
  expect(renderHealth(someHealth([FINE, LEFT]), plainPaint, { quiet: true })).toBe(
    'Warnings\n  There is a file.\n',
  );
  expect(renderHealth(someHealth([FINE]), plainPaint, { quiet: true })).toBe('');
});

test.each([
  [[FINE], 0],
  [[FINE, LEFT], 23],
  [[UNSEEN], 23],
  [[OLD], 23],
])('%j ends with %d', (checks, exitCode) => {
  expect(exitCodeOfHealth(someHealth(checks))).toBe(exitCode);
});

test('the document has all of it', () => {
  expect(JSON.parse(healthDocument(someHealth([OLD])))).toEqual({
    ...{ schema: 'dbbackup/health/1', ok: false, exitCode: 23, level: 'critical' },
    ...{ directory: '/backups', checkedAt: '2026-11-22T12:00:00.000Z' },
    thresholds: { maxAgeMs: 93_600_000, maxSizeDrop: 0.5 },
    databases: [expect.objectContaining({ database: 'shop', completeBackups: 3 })],
    checks: [OLD],
    notChecked: [{ check: 'copies', threshold: 'minCopies' }],
  });
  expect(JSON.parse(healthDocument(someHealth([FINE])))).toMatchObject({ ok: true });
  expect(JSON.parse(healthDocument(someHealth([FINE])))).not.toHaveProperty('exitCode');
});

test('a shorter one has what is wrong alone, the worst first', () => {
  const health = someHealth([FINE, LEFT, OLD]);
  const [shop] = health.databases;
  const databases = [
    { ...shop!, level: 'critical' as const },
    { ...shop!, database: 'fine', level: 'ok' as const },
  ];

  expect(JSON.parse(documentOfWrong({ ...health, databases }))).toMatchObject({
    ...{ schema: 'dbbackup/health/1', ok: false, level: 'critical', checks: [OLD, LEFT] },
    databases: [{ database: 'shop' }],
  });
});
