import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../src/sql/dump-reader.ts';
import type { DumpReport } from '../../../src/sql/dump-report.ts';
import { isSplittable } from '../../../src/sql/script/load-plan.ts';
import { onlyTables } from '../../../src/sql/single-tables.ts';
import { dumpFile } from '../../fixtures/some-dumps.ts';

function findingsOf(sql: string | Buffer): DumpReport {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(Buffer.from(sql));
  return reader.finish();
}

describe('onlyTables', () => {
  test('keeps the tables with their rows and triggers, and nothing else', () => {
    const findings = findingsOf(readFileSync(dumpFile('mariadb-11.8.sql')));
    const part = onlyTables(findings, ['t', 'c']);

    expect(part.inventory).toEqual({
      tables: ['c', 't'],
      views: [],
      routines: [],
      triggers: ['trg', 'trg2'],
      events: [],
    });
    if (!isSplittable(part.script) || !isSplittable(findings.script)) return expect.unreachable();
    expect(part.script.tables.map(({ name }) => name)).toEqual(['c', 't']);
    expect(part.script.storedObjects.map(({ name }) => name)).toEqual(['trg', 'trg2']);
    expect(part.script.preset).toBe(findings.script.preset);
    expect(onlyTables(findings, ['c'])).toMatchObject({
      inventory: { tables: ['c'], triggers: [] },
      script: { storedObjects: [] },
    });
  });

  test('keeps what changes them later', () => {
    const findings = findingsOf(
      'CREATE TABLE `a` (`x` int);\nCREATE TABLE `b` (`x` int);\n' +
        'ALTER TABLE `a` ADD KEY (`x`);\nALTER TABLE `b` ADD KEY (`x`);\n',
    );

    expect(onlyTables(findings, ['b']).script).toMatchObject({ afterRows: [{ table: 'b' }] });
  });

  test('leaves findings without a script as they are', () => {
    const findings = findingsOf('CREATE TEMPORARY TABLE `a` (`x` int);\n');

    expect(onlyTables(findings, ['a'])).toBe(findings);
  });
});
