import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { COMMAND_NAMES, COMMANDS } from '../../../src/cli/commands/command-table.ts';
import { longFlag, settingsOf } from '../../../src/settings/table/settings-of-command.ts';
import { manualPages } from '../../docs/manual.ts';

const PAGES = new Map(manualPages('1.2.3', '2026-11-28').map(({ name, text }) => [name, text]));

test('package.json names every manual page', () => {
  expect(packageJson.man).toEqual([...PAGES.keys()].map((name) => `./dist/man/${name}`));
});

test.each(COMMAND_NAMES)('the page of %s has every flag of it', (command) => {
  const text = readable(PAGES.get(`dbbackup-${command}.1`));

  expect(text).toContain(COMMANDS[command].summary);
  for (const row of settingsOf(command)) if (row.flags !== '') expect(text).toContain(longFlag(row));
});

test('no line of text is taken for a request', () => {
  for (const [name, text] of PAGES)
    for (const line of text.split('\n'))
      expect(line, name).toMatch(/^(?:[^.']|\.(?:TH|SH|TP|B|BR|I|PP|RS|RE|nf|fi)\b|$)/);
});

/** As a formatter shows it. */
function readable(text = ''): string {
  return text.replaceAll('\\-', '-').replaceAll('\\(aq', "'");
}
