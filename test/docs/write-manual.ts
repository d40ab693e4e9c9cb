// npm run build: the manual pages, into dist/man.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualPages } from './manual.ts';

const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
const folder = join(root, 'dist/man');

await mkdir(folder, { recursive: true });
for (const { name, text } of manualPages(version, new Date().toISOString().slice(0, 10)))
  await writeFile(join(folder, name), text);
