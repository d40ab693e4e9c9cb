// Whether what the program prints and writes is as its published schema says.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Ajv from 'ajv';
import type { SchemaName } from '../docs/schemas/published.ts';
import { SCHEMAS } from '../docs/schemas/schemas-folder.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The published ones, each with the name of its file. */
export const PUBLISHED = readdirSync(SCHEMAS).map((file) => basename(file, '.json') as SchemaName);

const ajv = new Ajv({ strictKeywords: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
/** Each is compiled when the first document of its name comes. */
const checks = new Map<string, Ajv.ValidateFunction>();

/** The document on stdout, if one is there. */
export function documentsIn(stdout: string): readonly unknown[] {
  if (!stdout.startsWith('{"')) return [];
  try {
    return [JSON.parse(stdout)];
  } catch {
    return []; // SQL, or a run that was killed while it wrote
  }
}

/**
 * @returns what is wrong with a document by the schema that it names. A field that the schema does not know is wrong
 *   here, although readers have to take it.
 */
export function faultsOfDocument(document: unknown): readonly string[] {
  const { schema } = document as { readonly schema?: unknown };
  const [, name] = /^dbbackup\/([a-z-]+)\/1$/.exec(String(schema)) ?? [];
  if (name === undefined || !PUBLISHED.includes(name as SchemaName))
    return [`there is no schema ${String(schema)}`];
  const check = checkOf(name as SchemaName);
  return check(document) ? [] : (check.errors ?? []).map(faultText);
}

function checkOf(name: SchemaName): Ajv.ValidateFunction {
  const known = checks.get(name);
  if (known !== undefined) return known;
  const schema = JSON.parse(readFileSync(join(SCHEMAS, `${name}.json`), 'utf8')) as JsonSchema;
  const check = ajv.compile(closed(schema) as JsonSchema);
  checks.set(name, check);
  return check;
}

/** The same schema, in which no object has other fields than those that it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const within = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return within['type'] === 'object' ? { additionalProperties: false, ...within } : within;
}

function faultText({ dataPath, message = '', params }: Ajv.ErrorObject): string {
  return `${dataPath || 'the document'} ${message} ${JSON.stringify(params)}`;
}
