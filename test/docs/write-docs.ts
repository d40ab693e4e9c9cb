// npm run docs: brings the generated parts of the documentation up to date.
import { writeFile } from 'node:fs/promises';
import { PAGES } from '../harness/pages.ts';
import { withGenerated } from './generated.ts';

for (const { name, file, text } of PAGES) {
  const current = await withGenerated(text);
  if (current === text) continue;
  await writeFile(file, current);
  console.log(`${name} is new.`);
}
