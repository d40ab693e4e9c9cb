import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../../src/cli/commands/command-table.ts';
import { failureDocument } from '../../../src/cli/render/failure.ts';
import { DbBackupError } from '../../../src/run/errors.ts';
import { publishedSchemas } from '../../docs/schemas/published-schemas.ts';
import { SCHEMAS } from '../../docs/schemas/schemas-folder.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { documentsIn, faultsOfDocument, PUBLISHED } from '../../harness/documents.ts';
import { codeBlocks, PAGES } from '../../harness/pages.ts';

const schemaNamed = (name: string): object =>
  JSON.parse(readFileSync(join(SCHEMAS, `${name}.json`), 'utf8')) as object;

test('the schemas are as `npm run docs` writes them', async () => {
  const written = PUBLISHED.map((name) => [
    `${name}.json`,
    readFileSync(join(SCHEMAS, `${name}.json`), 'utf8'),
  ]);

  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(await publishedSchemas()));
}, 60_000); // it compiles all of src

test('every document has one', () => {
  const others = ['error', 'help', 'version', 'manifest', 'job', 'lock'];

  expect(PUBLISHED.toSorted()).toEqual([...COMMAND_NAMES, ...others].sort());
});

test.each(PUBLISHED)('the schema of %s is one, says what it is, and lets documents grow', (name) => {
  const schema = schemaNamed(name);

  const check = new Ajv({ strictKeywords: true }).compile(schema);
  expect(check({})).toBe(false);
  expect(schema).toMatchObject({
    title: `dbbackup/${name}/1`,
    description: expect.stringMatching(/\w+ .*\.$/),
  });
  expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
});

test('a program finds them in the package', () => {
  const { resolve } = createRequire(join(REPOSITORY, 'package.json'));

  expect(resolve('dbbackup/schemas/list.json')).toBe(join(SCHEMAS, 'list.json'));
});

test('documents that pages show are as their schemas say', () => {
  const shown = PAGES.flatMap(codeBlocks).flatMap(({ code }) => code.split('\n').flatMap(documentsIn));

  expect(shown.length).toBeGreaterThan(0);
  expect(shown.flatMap(faultsOfDocument)).toEqual([]);
});

describe('files of the first release', () => {
  const folder = join(REPOSITORY, 'test/fixtures/0.1.0');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );

  test.each(files)('%s is as its schema says', (file) => {
    expect(faultsOfDocument(JSON.parse(readFileSync(join(folder, file), 'utf8')))).toEqual([]);
  });
});

describe('a document that is not as its schema says', () => {
  const failed = failureDocument(new DbBackupError('not-found', 'There is no database shp.'));
  const document = JSON.parse(failed) as { readonly error: object };

  test('is told from one that is', () => {
    expect(faultsOfDocument(document)).toEqual([]);
  });

  test.each([
    { what: 'has a field that no schema knows', wrong: { ...document, cause: 'x' }, fault: '"cause"' },
    {
      what: 'has one deep within',
      wrong: { ...document, error: { ...document.error, cause: 'x' } },
      fault: '.error should NOT have additional properties',
    },
    { what: 'lacks a field', wrong: { ...document, error: undefined }, fault: "required property 'error'" },
    { what: 'has a wrong type', wrong: { ...document, ok: 'no' }, fault: 'ok should be boolean' },
    {
      what: 'has a share of an exit code',
      wrong: { ...document, exitCode: 0.5 },
      fault: 'exitCode should be integer',
    },
    {
      what: 'has a code that is none',
      wrong: { ...document, error: { ...document.error, code: 'odd' } },
      fault: 'error.code should be equal to one of the allowed values',
    },
    {
      what: 'names no schema',
      wrong: { ...document, schema: 'dbbackup/nothing/1' },
      fault: 'there is no schema dbbackup/nothing/1',
    },
    {
      what: 'has a time that is none',
      wrong: {
        schema: 'dbbackup/pin/1',
        ok: true,
        name: 'a',
        database: 'b',
        path: '/c',
        pin: { at: 'today' },
      },
      fault: 'pin.at should match format "date-time"',
    },
  ])('it $what', ({ wrong, fault }) => {
    expect(faultsOfDocument(JSON.parse(JSON.stringify(wrong)))).toEqual([expect.stringContaining(fault)]);
  });
});
