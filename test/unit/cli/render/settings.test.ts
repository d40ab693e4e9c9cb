import { expect, test } from 'vitest';
import { renderSettings } from '../../../../src/cli/render/settings.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import { Secret } from '../../../../src/run/secret.ts';

test('says each value and where it came from, and no secret', () => {
  const values = { url: 'mysql://root:secret@db/shop', password: 'secret', quiet: true } as const;
  const given = lookup(values, { url: values.url, quiet: true }, { DBBACKUP_PASSWORD: 'secret' });
  const lines = renderSettings('create', given, {
    endpoint: { kind: 'tcp', host: 'db', port: 3306 },
    user: 'root',
    password: new Secret('secret'),
    ssl: { mode: 'PREFERRED' },
    database: 'shop',
    sources: { host: '--url', user: '--url', password: '--url', database: '--url' },
  });

  expect(lines).toEqual([
    'setting password = [hidden] (DBBACKUP_PASSWORD)',
    'setting url = mysql://root:[hidden]@db/shop (--url)',
    'setting dir = ./backups (default)',
    'setting quiet = yes (--quiet)',
    'server db:3306 (--url)',
    'user root (--url)',
    'password [hidden] (--url)',
    'ssl-mode PREFERRED (default)',
    'database shop (--url)',
  ]);
});
