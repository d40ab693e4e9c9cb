// The JSON schemas that the package has in `schemas`, made of the types of what is printed and written.
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { REPOSITORY } from '../../harness/build.ts';
import { type Schema, schemaMaker, textOf } from './schema-of-type.ts';

/** By the name of its file, the text of each. */
export async function publishedSchemas(): Promise<ReadonlyMap<string, string>> {
  const file = join(import.meta.dirname, 'published.ts');
  const { config } = ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, REPOSITORY);
  // No document holds anything of another package, or of Node.js.
  const program = ts.createProgram([file], { ...options, types: [] });
  const checker = program.getTypeChecker();
  const published = program
    .getSourceFile(file)!
    .statements.filter(ts.isInterfaceDeclaration)
    .find(({ name }) => name.text === 'Published')!;
  const texts = new Map<string, string>();
  const layout = { ...(await resolveConfig(import.meta.filename)), parser: 'json' };
  for (const kind of checker.getPropertiesOfType(checker.getTypeAtLocation(published)))
    for (const document of checker.getPropertiesOfType(checker.getTypeOfSymbol(kind))) {
      const schema = documentSchema(document, checker, { isPrinted: kind.name === 'printed' });
      texts.set(`${document.name}.json`, await format(JSON.stringify(schema), layout));
    }
  return texts;
}

function documentSchema(
  document: ts.Symbol,
  checker: ts.TypeChecker,
  { isPrinted }: { readonly isPrinted: boolean },
): Schema {
  const { name } = document;
  const maker = schemaMaker(checker, { leavesNullOut: isPrinted });
  const schema = maker.schemaOf(checker.getTypeOfSymbol(document));
  // A document that has a name in the sources stands at the top all the same.
  const { [nameIn(schema)]: named, ...definitions } = maker.definitions;
  const { description: _, ...top } = named ?? schema;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `https://unpkg.com/dbbackup/schemas/${name}.json`,
    title: `dbbackup/${name}/1`,
    description: textOf(document.getDocumentationComment(checker)),
    ...top,
    ...(Object.keys(definitions).length === 0 ? {} : { definitions }),
  };
}

/** What a reference leads to; empty of what is none. */
function nameIn({ $ref }: Schema): string {
  return typeof $ref === 'string' ? $ref.slice($ref.lastIndexOf('/') + 1) : '';
}
