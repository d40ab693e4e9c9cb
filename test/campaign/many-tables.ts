import assert from 'node:assert/strict';
import { manyTablesSql } from '../fixtures/large-databases.ts';
import type { Family } from './family.ts';
import { expectNothingLeft } from './invariants.ts';
import { Site } from './site.ts';

export const manyTables: Family = {
  name: 'many-tables',
  promises: 'P33',
  fault: 'none: a database of 3,000 tables, some of which are lost, must come back byte for byte',
  trials: { brief: 0, usual: 1, long: 3 },
  servers: 'each',
  lanes: 1,
  async prepare(bed) {
    const site = await Site.open(bed, [...manyTablesSql()].join(''), { contentChanges: true });
    const { server, database } = site;
    const before = await server.dump(database);
    return {
      async attempt() {
        const path = await site.create();
        await server.sql(
          'SET foreign_key_checks = 0; DROP TABLE table_00000, table_00001; DELETE FROM table_00010;',
          database,
        );
        await site.succeeds(['restore', path, '--confirm', database]);
        assert((await server.dump(database)).equals(before), 'it came back as it was');
        await expectNothingLeft(site);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};
