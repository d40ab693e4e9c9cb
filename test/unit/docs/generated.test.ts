import { expect, test } from 'vitest';
import { withGenerated } from '../../docs/generated.ts';
import { PAGES, pageNamed } from '../../harness/pages.ts';

test.each(PAGES)('$name is as `npm run docs` writes it', async ({ text }) => {
  expect(text).toBe(await withGenerated(text));
});

test.each([
  {
    name: 'docs/settings.md',
    sections: ['commands', 'own-settings', 'connection-settings', 'general-settings'],
  },
  { name: 'docs/exit-codes.md', sections: ['exit-codes'] },
  { name: 'docs/restore.md', sections: ['other-programs'] },
])('$name has what is generated for it', ({ name, sections }) => {
  const found = [...pageNamed(name).text.matchAll(/<!-- generated: (\S+) -->/g)].map(
    ([, section]) => section,
  );

  expect(found).toEqual(sections);
});

test('a page that asks for what is not generated is an error', async () => {
  const page = '<!-- generated: prices -->\n<!-- /generated -->\n';

  await expect(withGenerated(page)).rejects.toThrow('Nothing is generated under the name prices.');
});
