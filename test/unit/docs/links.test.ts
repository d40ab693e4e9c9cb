import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../../harness/build.ts';
import { PAGES, pageNamed } from '../../harness/pages.ts';

const OTHERS = ['CONTRIBUTING.md', 'CHANGELOG.md'].map((name) => {
  const file = join(REPOSITORY, name);
  return { name, file, text: readFileSync(file, 'utf8') };
});

test.each([...PAGES, ...OTHERS])('$name links to files and headings that exist', ({ file, text }) => {
  for (const { path, anchor } of linksOf(file, text)) {
    expect(existsSync(path), path).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(readFileSync(path, 'utf8')), path).toContain(anchor);
  }
});

test.each(PAGES)(
  '$name links to what is in the package, so that npm users have it, too',
  ({ file, text }) => {
    const { files } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
      files: string[];
    };
    const packed = ['README.md', 'LICENSE', 'package.json', ...files]; // the first three are always packed
    for (const { path } of linksOf(file, text)) {
      const name = relative(REPOSITORY, path);
      expect(
        packed.some((entry) => name === entry || name.startsWith(`${entry}/`)),
        name,
      ).toBe(true);
    }
  },
);

test.each([...PAGES, ...OTHERS.filter(({ name }) => name === 'CONTRIBUTING.md')])(
  '$name names files of the repository that exist',
  ({ text }) => {
    const named = [...text.matchAll(/`((?:src|test|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path);

    expect(named.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  },
);

test('the front page is short, and leads to every other one', () => {
  const { file, text } = pageNamed('README.md');
  const linked = linksOf(file, text).map(({ path }) => path);

  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(9_000);
  for (const page of PAGES.filter(({ name }) => name !== 'README.md')) expect(linked).toContain(page.file);
});

test('headings have the anchors of GitHub', () => {
  const text = '## What `create` does, and when\n\n```sh\n# no heading\n```\n\n## On disk\n\n## On disk\n';

  expect(anchorsOf(text)).toEqual(['what-create-does-and-when', 'on-disk', 'on-disk-1']);
});

/** Links to other files of the repository, and within the page. */
function linksOf(
  file: string,
  text: string,
): readonly { readonly path: string; readonly anchor: string | undefined }[] {
  const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [name = '', anchor] = target.split('#');
      return { path: name === '' ? file : join(dirname(file), name), anchor };
    });
}

function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, '');
}
