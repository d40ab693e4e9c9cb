import { join } from 'node:path';
import { REPOSITORY } from '../../harness/build.ts';

/** Where the package has its schemas. */
export const SCHEMAS = join(REPOSITORY, 'schemas');
