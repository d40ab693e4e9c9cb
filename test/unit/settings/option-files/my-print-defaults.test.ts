import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  confirmOptionFiles,
  parseDefaults,
  reconcile,
} from '../../../../src/settings/option-files/my-print-defaults.ts';
import type {
  OptionFileEntry,
  OptionFiles,
} from '../../../../src/settings/option-files/read-option-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'my-print-defaults-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const request = { defaultsFile: undefined, extraFile: '/x.cnf', groupSuffix: '_s', homeDirectory: undefined };

/** A my_print_defaults on a PATH of its own. */
function install(script: string): Record<string, string> {
  const file = path.join(folder, 'my_print_defaults');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin` };
}

describe('confirmOptionFiles', () => {
  test('asks again for clear passwords where they are masked, as MySQL’s program wants it', async () => {
    const env = install(
      'case "$1 $2 $3 $4" in "--defaults-extra-file=/x.cnf --defaults-group-suffix=_s -s client") echo --password=theirs;;' +
        ' "--defaults-extra-file=/x.cnf --defaults-group-suffix=_s client "*) echo "--password=*****";; *) exit 1;; esac',
    );
    expect(values(await confirmOptionFiles(own(), request, env))).toEqual([
      'password=theirs the option files, as my_print_defaults reads them',
    ]);
  });

  test('asks once where nothing is masked, as MariaDB’s program wants it', async () => {
    const env = install(`echo asked >> ${folder}/log; [ "$3" = -s ] && exit 1; echo --host=theirs`);
    expect(values(await confirmOptionFiles(own(), request, env))).toEqual([
      'host=theirs the option files, as my_print_defaults reads them',
    ]);
    expect(readFileSync(path.join(folder, 'log'), 'utf8')).toBe('asked\n');
  });

  test('takes five stars for a password where the program knows no masks', async () => {
    const env = install('[ "$3" = -s ] && exit 1; echo "--password=*****"');
    expect(values(await confirmOptionFiles(own(['password', '*****']), request, env))).toEqual([
      'password=***** /x.cnf',
    ]);
  });

  test.each<[string, () => Record<string, string>]>([
    ['is not installed', () => ({ PATH: folder })],
    ['fails', () => install('exit 2')],
  ])('keeps our own reading when the program %s', async (_, env) => {
    const files = own(['host', 'db']);
    expect(await confirmOptionFiles(files, request, env())).toBe(files);
  });

  test('does not ask about a named defaults file', async () => {
    const files = own(['host', 'db']);
    const named = { ...request, defaultsFile: '/x.cnf' };
    expect(await confirmOptionFiles(files, named, install('echo --host=theirs'))).toBe(files);
  });

  test('does not send the program to a pipe that we have emptied', async () => {
    const files = { ...own(['host', 'db']), consumed: true };
    expect(await confirmOptionFiles(files, request, install('echo --host=theirs'))).toBe(files);
  });
});

test('parseDefaults reads lines, also values that go over several', () => {
  expect(parseDefaults('--a=1\n--b\n--loose_c=x=y\n--d=one\ntwo\n')).toEqual([
    { name: 'a', value: '1' },
    { name: 'b', value: undefined },
    { name: 'c', value: 'x=y' },
    { name: 'd', value: 'one\ntwo' },
  ]);
});

describe('reconcile', () => {
  const reconciled = (ours: [string, string][], theirs: [string, string][]) =>
    values({
      ...own(),
      entries: reconcile(
        own(...ours).entries,
        theirs.map(([name, value]) => ({ name, value })),
      ),
    });

  test('keeps our source where both agree', () => {
    expect(
      reconciled(
        [
          ['a', '1'],
          ['a', '2'],
        ],
        [
          ['a', '1'],
          ['a', '2'],
        ],
      ),
    ).toEqual(['a=1 /x.cnf', 'a=2 /x.cnf']);
  });

  test('lets their value win, with its source', () => {
    expect(reconciled([['a', '1']], [['a', '2']]).at(-1)).toMatch(/^a=2 the option files, as/);
  });

  test('drops what they do not have', () => {
    expect(
      reconciled(
        [
          ['a', '1'],
          ['b', '1'],
        ],
        [['a', '1']],
      ),
    ).toEqual(['a=1 /x.cnf']);
  });

  test('takes our value for a masked one, and never the mask', () => {
    expect(reconciled([['password', 'pw']], [['password', '*****']])).toEqual(['password=pw /x.cnf']);
    expect(reconciled([], [['password', '*****']])).toEqual([]);
  });
});

function own(...pairs: [string, string][]): OptionFiles {
  const entries = pairs.map(([name, value]): OptionFileEntry => ({
    group: 'client',
    name,
    value,
    loose: false,
    source: '/x.cnf',
    fileIndex: 1,
  }));
  return { entries, warnings: [], exposed: [], consumed: false };
}

function values({ entries }: OptionFiles): string[] {
  return entries.map(({ name, value, source }) => `${name}=${value ?? '-'} ${source}`);
}
