import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../src/model/dump-guard.ts';
import type { DumpFindings } from '../../../src/model/dump-guard.ts';
import { isScripted } from '../../../src/model/load-script.ts';
import { foreignKeysOf, onlyTables, withReferencesTo } from '../../../src/model/single-tables.ts';
import { dumpFile } from './some-dumps.ts';

function findingsOf(sql: string | Buffer): DumpFindings {
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
    if (!isScripted(part.script) || !isScripted(findings.script)) return expect.unreachable();
    expect(part.script.tables.map(({ name }) => name)).toEqual(['c', 't']);
    expect(part.script.programs.map(({ name }) => name)).toEqual(['trg', 'trg2']);
    expect(part.script.preamble).toBe(findings.script.preamble);
    expect(onlyTables(findings, ['c'])).toMatchObject({
      inventory: { tables: ['c'], triggers: [] },
      script: { programs: [] },
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

const DEFINITION = [
  'CREATE TABLE `t` (',
  "  `a` int COMMENT 'CONSTRAINT `no` FOREIGN KEY (`a`) REFERENCES `x` (`a`)',",
  '  KEY `a` (`a`),',
  '  CONSTRAINT `f,``1` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE,',
  '  CONSTRAINT `g` FOREIGN KEY (`a`, `b``c`) REFERENCES `q``;` (`x`, `y`),',
  '  CONSTRAINT `h` FOREIGN KEY (`a`) REFERENCES `other`.`p` (`id`),',
  '  CONSTRAINT `ck` CHECK (`a` > 0)',
  ') ENGINE=InnoDB',
].join('\n');

test('finds the foreign keys to tables of the same database', () => {
  expect(foreignKeysOf(DEFINITION)).toEqual([
    { name: '`f,``1`', columns: ['`a`'], table: '`p`', references: ['`id`'] },
    { name: '`g`', columns: ['`a`', '`b``c`'], table: '`q``;`', references: ['`x`', '`y`'] },
  ]);
});

test('tables that stay elsewhere are named with their database', () => {
  const text = withReferencesTo(DEFINITION, '`shop`', new Set(['`p`', '`t`']));

  expect(text).toBe(DEFINITION.replace('REFERENCES `q``;`', 'REFERENCES `shop`.`q``;`'));
  expect(withReferencesTo(DEFINITION, '`$&`', new Set())).toContain('REFERENCES `$&`.`p` (`id`)');
});
