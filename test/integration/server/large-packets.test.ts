import { expect, test } from 'vitest';
import { connectServer } from '../../../src/server/connect/server.ts';
import { LARGEST_PACKET_BYTES, PACKET_ROOM_BYTES } from '../../../src/server/connect/send-packet.ts';
import type { Connection } from '../../../src/server/connect/connection.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { ownServer } from '../../harness/own-server.ts';

describeOneServer('a statement of a dump', (like) => {
  test('arrives when it fills its packets, nearly fills them, and more', async () => {
    await using own = await ownServer(like, ['--max-allowed-packet=128M']);
    await own.server.sql('CREATE DATABASE large; CREATE TABLE large.t (words LONGTEXT);');
    const connection: Connection = {
      ...{ endpoint: { kind: 'socket', path: own.server.socket }, user: 'root', password: undefined },
      ...{ database: undefined, ssl: { mode: 'DISABLED' }, sources: {} },
    };
    await using server = await connectServer(connection, AbortSignal.timeout(30_000), 'loading');

    const lengths: number[] = [];
    for (const packets of [1, 2]) {
      for (const more of [-4, -3, -2, -1, 0, 1]) {
        // The command is a byte of its own.
        const statementBytes = packets * LARGEST_PACKET_BYTES - 1 + more;
        const [head, end] = ["INSERT INTO large.t VALUES ('", "');"];
        const words = statementBytes - head.length - end.length;
        const statement = `${head}${'x'.repeat(words)}${end}`;
        const packet = Buffer.alloc(PACKET_ROOM_BYTES + statement.length);
        packet.write(statement, PACKET_ROOM_BYTES, 'latin1');

        expect(await server.runPacket(packet)).toBe(1);
        expect(await server.run(statement)).toBe(1);
        lengths.push(words, words);
      }
    }

    await server.run('COMMIT');
    const rows = await own.server.query('SELECT LENGTH(words) FROM large.t');
    expect(rows.split('\n').map(Number).sort()).toEqual(lengths.sort());
  });
});
