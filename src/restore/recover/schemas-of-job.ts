import prettyBytes from 'pretty-bytes';
import {
  type MeasuredSchema,
  readScratchSchemas,
  measureSchemas,
} from '../../server/change/scratch-schemas.ts';
import type { Server } from '../../server/connect/server.ts';

export async function readSchemasOf(server: Server, job: string): Promise<readonly MeasuredSchema[]> {
  const schemas = (await readScratchSchemas(server)).filter((schema) => schema.job === job);
  return measureSchemas(server, schemas);
}

export function listed(schemas: readonly MeasuredSchema[]): string {
  return schemas.map(({ name, sizeBytes }) => `${name} (${prettyBytes(sizeBytes)})`).join(' and ');
}
