// npm run docs: brings the generated parts of the documentation, and the schemas, up to date.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PAGES } from '../harness/pages.ts';
import { withGenerated } from './generated.ts';
import { publishedSchemas } from './schemas/published-schemas.ts';
import { SCHEMAS } from './schemas/schemas-folder.ts';

for (const { name, file, text } of PAGES) {
  const current = await withGenerated(text);
  if (current === text) continue;
  await writeFile(file, current);
  console.log(`${name} is new.`);
}

const schemas = await publishedSchemas();
await mkdir(SCHEMAS, { recursive: true });
for (const [name, schema] of schemas) {
  const file = join(SCHEMAS, name);
  if (schema === (await readFile(file, 'utf8').catch(() => ''))) continue;
  await writeFile(file, schema);
  console.log(`schemas/${name} is new.`);
}
for (const name of await readdir(SCHEMAS)) if (!schemas.has(name)) await rm(join(SCHEMAS, name));
