import { expect, test } from 'vitest';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import { pageNamed } from '../../harness/pages.ts';

/** The compiler holds these names to the manifest's fields. */
const FIELDS: Readonly<Record<keyof Manifest, true>> = {
  schema: true,
  name: true,
  label: true,
  database: true,
  job: true,
  startedAt: true,
  finishedAt: true,
  durationMs: true,
  file: true,
  server: true,
  tool: true,
  charset: true,
  collation: true,
  tables: true,
  counts: true,
  dataLengthBytes: true,
  longestStatementBytes: true,
  options: true,
  warnings: true,
  restoreOnly: true,
  madeFromInterrupted: true,
  inexactColumns: true,
  skippedBroken: true,
  programs: true,
  routineGrants: true,
  storedObjects: true,
  rehearsal: true,
  verification: true,
  copies: true,
  pin: true,
};

test('every field of the manifest is documented', () => {
  const [, section = ''] = pageNamed('docs/on-disk.md').text.split('\n## The manifest\n');
  const documented = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, field]) => field);

  expect(documented.toSorted()).toEqual(Object.keys(FIELDS).toSorted());
});
