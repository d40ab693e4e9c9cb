import { describe, expect, test } from 'vitest';
import { manifestSchema, parseManifest } from '../../../src/backups/record/manifest-schema.ts';
import { parse } from '../../../src/files/json-document.ts';
import { quickCheck } from '../../../src/files/quick-check.ts';
import { someManifest } from '../cli/render/some-backups.ts';

const SHA256 = 'ab'.repeat(32);

/** With every field that a manifest can have. */
const FULL = someManifest({
  file: { ...someManifest().file, sha256: SHA256 },
  server: { flavour: 'mysql', version: '9.7.0', host: 'db1', port: 3306, identity: 'a', name: 'db1:3306' },
  tables: [{ name: 'orders', engine: 'InnoDB', uncompressedBytes: 1, offsetBytes: 1 }],
  options: { compress: 'gzip:6', events: true },
  warnings: ['something'],
  restoreOnly: { method: 'in-place', reason: 'it says so' },
  madeFromInterrupted: ['a1'],
  inexactColumns: [{ table: 'orders', column: 'price', partOf: ['unique key'] }],
  skippedBroken: [{ kind: 'view', name: 'turnover', reason: 'it is broken' }],
  programs: { 'view turnover': SHA256 },
  routineGrants: [{ routine: 'add', user: 'u', host: '%', privileges: ['EXECUTE'] }],
  storedObjects: [{ kind: 'view', name: 'turnover', sha256: SHA256 }],
  rehearsal: {
    at: '2026-11-22T00:00:00Z',
    job: 'a1',
    durationMs: 1,
    ok: true,
    server: { flavour: 'mariadb', version: '11.8.3' },
    tables: 1,
    rows: 1,
    problem: 'none',
  },
  verification: { at: '2026-11-22T00:00:00Z', ok: true, problem: 'none' },
  copies: [{ where: 'b2', at: '2026-11-22T00:00:00Z' }],
  pin: { at: '2026-11-22T00:00:00Z', until: '2027-01-01T00:00:00Z', reason: 'before the upgrade' },
});

const ODD_VALUES = [
  undefined,
  null,
  '',
  'x',
  ' 2026-11-22T00:00:00Z',
  0,
  -1,
  1.5,
  2 ** 60,
  true,
  [],
  [1],
  {},
  { x: 1 },
  [{}],
];

/** The value with one part of it replaced, for each part and each odd value; without it for undefined. */
function* oddVariants(value: unknown): Generator {
  yield* ODD_VALUES;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    for (const odd of oddVariants(part))
      yield Array.isArray(value) ? value.with(Number(key), odd) : { ...value, [key]: odd };
  }
}

const check = quickCheck(manifestSchema);

/** What a check returns, or the message of its error. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the quick check of a manifest', () => {
  test('takes one with every field that there is', () => {
    expect(Object.keys(FULL).sort()).toEqual(
      Object.keys((manifestSchema as never as { entries: object }).entries).sort(),
    );
    expect(check(FULL)).toBe(true);
  });

  test('changes nothing about what becomes of one that is wrong in any one place', () => {
    const documents = Array.from(
      oddVariants(FULL),
      (variant) => JSON.stringify(variant) as string | undefined,
    )
      .filter((json) => json !== undefined)
      .map((json) => JSON.parse(json) as unknown);

    expect(documents.length).toBeGreaterThan(1000);
    expect(documents.filter(check).length).toBeGreaterThan(100);
    for (const document of documents)
      expect(outcome(() => parseManifest(document))).toEqual(outcome(() => parse(manifestSchema, document)));
  });

  test('leaves names that the schema drops to the schema', () => {
    const json = JSON.stringify({ ...FULL, programs: {} }).replace(
      '"programs":{}',
      '"programs":{"__proto__":"a"}',
    );

    expect(check(JSON.parse(json))).toBe(false);
  });
});
