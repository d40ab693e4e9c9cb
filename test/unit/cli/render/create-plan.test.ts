import { expect, test } from 'vitest';
import { renderCreatePlan } from '../../../../src/cli/render/create-plan.ts';
import { plainPaint } from '../../../../src/cli/render/text/paint.ts';

test('says what would be done, and with which command', () => {
  const plan = {
    database: 'shop',
    path: '/work/backups/shop/manual_<time>.sql.gz',
    compression: { method: 'gzip', level: 6 },
    server: { flavour: 'mariadb', version: '10.11.19', endpoint: '127.0.0.1:3306' },
    program: '/usr/bin/mariadb-dump',
    programVersion: '10.11.19',
    arguments: ['--quick', 'my shop'],
    tables: 4,
    views: 1,
    routines: 0,
    triggers: 0,
    events: 0,
    estimatedBytes: 2_000_000,
    inexactColumns: [],
    skippedBroken: [],
    warnings: ['logs is MyISAM.'],
  } as const;

  expect(renderCreatePlan(plan, plainPaint)).toBe(
    [
      'Back up shop',
      '  file         /work/backups/shop/manual_<time>.sql.gz',
      '  compression  gzip:6',
      '  server       mariadb 10.11.19 at 127.0.0.1:3306',
      '  holds        4 tables, 1 view, 0 routines, 0 triggers, 0 events; about 2 MB of data',
      '  tool         /usr/bin/mariadb-dump 10.11.19',
      "  command      /usr/bin/mariadb-dump --quick 'my shop'",
      'warning: logs is MyISAM.',
      '',
    ].join('\n'),
  );
});
