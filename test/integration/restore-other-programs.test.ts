import { expect, test } from 'vitest';
import { HEIDISQL_RELEASES, heidisqlExport } from '../fixtures/programs/heidisql.ts';
import { describeEachServer } from '../harness/describe-each-server.ts';
import { expectLikeStockClient } from '../harness/stock-load.ts';

/** Their files have no end line. */
const WHOLE = '--allow-incomplete';

describeEachServer('restore of an export of HeidiSQL', (server) => {
  test.each(HEIDISQL_RELEASES)('%s makes what the stock client makes of it', async (release) => {
    const { stderr } = await expectLikeStockClient(server, (database) => heidisqlExport(database, release), [
      WHOLE,
    ]);

    expect(stderr).not.toContain('in place');
  });
});
