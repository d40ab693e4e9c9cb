// The documentation that users get: README.md and docs/*.md.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './build.ts';

export interface Page {
  /** `README.md`, `docs/restore.md`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

/** A fenced block of code. */
export interface CodeBlock {
  readonly page: string;
  /** `sh`, `console`, `sql`; empty where the page names none. */
  readonly language: string;
  /** The nearest heading above it. */
  readonly heading: string;
  readonly code: string;
}

export const PAGES: readonly Page[] = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
].map((name) => {
  const file = join(REPOSITORY, name);
  return { name, file, text: readFileSync(file, 'utf8') };
});

/** @throws {Error} when there is no such page. */
export function pageNamed(name: string): Page {
  const page = PAGES.find((each) => each.name === name);
  if (page === undefined) throw new Error(`There is no page ${name}.`);
  return page;
}

/** Every block of code of a page, in its order. */
export function codeBlocks({ name, text }: Page): readonly CodeBlock[] {
  let heading = '';
  return [...text.matchAll(/^#+ (.*)$|^```(\w*)\n([^]*?)^```$/gm)].flatMap(
    ([, title, language = '', code]) => {
      if (code !== undefined) return [{ page: name, language, heading, code }];
      heading = title ?? '';
      return [];
    },
  );
}

/**
 * The blocks of code below one heading of a page.
 *
 * @throws {Error} when there are none.
 */
export function blocksBelow(page: string, heading: string, language: string): readonly string[] {
  const blocks = codeBlocks(pageNamed(page)).filter(
    (block) => block.heading === heading && block.language === language,
  );
  if (blocks.length === 0) throw new Error(`${page} has no ${language} below "${heading}".`);
  return blocks.map(({ code }) => code);
}
