import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/cli/arguments/parse-command-line.ts';
import { processRuntime } from '../../../src/cli/process/process-context.ts';
import { DbBackupError, EXIT_CODES } from '../../../src/run/errors.ts';
import { resolveSettings } from '../../../src/settings/resolve-settings.ts';
import { SETTING_ROWS } from '../../../src/settings/table/settings-of-command.ts';
import { HOOK_VARIABLES } from '../../../src/settings/table/unknown-variables.ts';
import { codeBlocks, PAGES } from '../../harness/pages.ts';
import type { Page } from '../../harness/pages.ts';

const BLOCKS = PAGES.flatMap(codeBlocks);

/** By language, the test that reads every block in it. */
const READ_BY: Readonly<Record<string, string>> = {
  sh: 'here',
  cron: 'here, and run in recipes.test.ts',
  yaml: 'here, and run in recipes.test.ts',
  ini: 'here (option files), and run in recipes.test.ts (systemd)',
  dockerfile: 'here',
  console: 'here, and run in shown-output.test.ts',
  sql: 'privileges.test.ts',
  js: 'library.test.ts',
  '': 'nobody: folders',
};

test('code is shown in languages that a test reads', () => {
  expect(BLOCKS.filter(({ language }) => READ_BY[language] === undefined)).toEqual([]);
  const pagesOf = (language: string) =>
    new Set(BLOCKS.filter((block) => block.language === language).map(({ page }) => page));
  expect([...pagesOf('sql')]).toEqual(['docs/connection.md']);
  expect([...pagesOf('js')]).toEqual(['docs/library.md']);
  expect([...pagesOf('cron'), ...pagesOf('yaml')]).toEqual(['docs/automation.md', 'docs/automation.md']);
  expect([...pagesOf('')]).toEqual(['docs/on-disk.md']);
});

test('commands are found in blocks of every kind and within sentences', () => {
  const found = shownCommands({
    name: 'a page',
    file: '',
    text: [
      'Run `dbbackup status <job>`, or:\n',
      '```sh\nid=$(dbbackup create shop --detach)\ndbbackup list | wc -l  # dbbackup is installed\n```\n',
      '```ini\nExecStart=/usr/bin/env dbbackup verify\n```\n',
      '```dockerfile\nENTRYPOINT ["dbbackup", "--dir", "/backups"]\n```\n',
    ].join('\n'),
  });

  expect(found).toEqual(['status job', 'create shop --detach', 'list', 'verify', '--dir /backups list']);
});

test.each(PAGES.map((page) => ({ page, commands: shownCommands(page) })))(
  '$page.name shows commands that are understood',
  ({ commands }) => {
    for (const line of commands)
      expect(() => parseCommandLine(line.split(/ +/), 80), line).not.toThrow(DbBackupError);
  },
);

test('the pages of commands show some', () => {
  const counts = PAGES.map((page) => [page.name, shownCommands(page).length] as const);

  expect(Object.fromEntries(counts)).toMatchObject({
    'README.md': expect.toSatisfy((count) => count > 4),
    'docs/automation.md': expect.toSatisfy((count) => count > 4),
    'docs/restore.md': expect.toSatisfy((count) => count > 10),
  });
});

/** That page is about the options of other programs. */
const ABOUT_OTHERS = 'docs/design.md';

test.each(PAGES.filter(({ name }) => name !== ABOUT_OTHERS))('$name names options that exist', ({ text }) => {
  const known = new Set([
    ...SETTING_ROWS.flatMap(({ flags }) => flags.match(/(?<=^|, )--?[A-Za-z-]+/g) ?? []),
    ...['-h', '--help', '-V', '--version'],
  ]);
  const named = inlineCode(text).flatMap((code) => /^--?[A-Za-z][a-z-]*/.exec(code)?.[0] ?? []);

  expect(named.filter((option) => !known.has(option))).toEqual([]);
});

test.each(PAGES)('$name names variables that exist', ({ text }) => {
  const known = SETTING_ROWS.flatMap(({ env, envFile }) =>
    env === undefined ? [] : [env, ...(envFile === true ? [`${env}_FILE`] : [])],
  );
  known.push(...HOOK_VARIABLES);
  const named = [...text.matchAll(/\bDBBACKUP_[A-Z_]*[A-Z]/g)].map(([variable]) => variable);

  expect(named.filter((variable) => !known.includes(variable))).toEqual([]);
});

test.each(PAGES)('$name names exit codes that exist', ({ text }) => {
  const known = Object.values(EXIT_CODES).map(({ exitCode }) => String(exitCode));
  const named = [...text.matchAll(/exit\s+code\s+(\d+)/gi)].map(([, code]) => code);

  expect(named.filter((code) => !known.includes(code ?? ''))).toEqual([]);
});

test.each(BLOCKS.filter(({ language }) => language === 'sh'))('a shell takes $page, $heading', ({ code }) => {
  // One is the end of a line.
  execFileSync('/bin/sh', ['-n'], { input: code.startsWith('&&') ? `true ${code}` : code });
});

test('option files that are shown hold settings', async () => {
  const [file, ...others] = BLOCKS.filter(({ code }) => code.startsWith('[client]'));
  expect(others).toEqual([]);
  const folder = await mkdtemp(join(tmpdir(), 'dbbackup-docs-'));
  try {
    const path = join(folder, 'dbbackup.cnf');
    await writeFile(path, file?.code ?? '', { mode: 0o600 });
    const flags = { 'defaults-file': path, profile: 'nightly' };
    const settings = await resolveSettings(flags, processRuntime(), () => Promise.reject(new Error('asked')));

    expect(settings).toMatchObject({
      values: { dir: '/var/backups/mysql', label: 'nightly' },
      connection: { user: 'backup', password: expect.anything() },
      ...{ warnings: [], exposedFiles: [] },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What follows `dbbackup` wherever a page shows it in code, up to a comment, a pipe, a redirection or a bracket. */
function shownCommands(page: Page): readonly string[] {
  const inline = inlineCode(page.text).flatMap((code) => commandsIn(code));
  return [...inline, ...codeBlocks(page).flatMap(({ code }) => code.split('\n').flatMap(commandsIn))];
}

function commandsIn(line: string): readonly string[] {
  const [, inJson] = /\["dbbackup", (.*)\]$/.exec(line) ?? [];
  // The command itself is what a container is started with.
  if (inJson !== undefined) return [[...(JSON.parse(`[${inJson}]`) as string[]), 'list'].join(' ')];
  // What is in angle brackets stands for something.
  const [shown = ''] = line
    .replaceAll('<command>', 'create')
    .replaceAll(/<([a-z]+)>/g, '$1')
    .split(/ +#/);
  return [...shown.matchAll(/(?<![\w./-]|command -v )dbbackup +(\S.*)/g)].map(
    ([, command = '']) => command.split(/ *[|;&)]| +\d?[<>]/)[0] ?? '',
  );
}

/** Code within sentences. */
function inlineCode(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
  return [...prose.matchAll(/(?<!`)(`+)(?!`)\s?([^]*?[^`])\s?\1(?!`)/g)].map(([, , code = '']) =>
    code.replaceAll('\n', ' '),
  );
}
