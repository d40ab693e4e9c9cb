import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** In the second byte of a server's capabilities. */
const CLIENT_SSL = 0x08;
/** Behind the version's NUL: the connection's number, half of the salt and a filler. */
const UP_TO_CAPABILITIES = 1 + 4 + 8 + 1;
/** A packet's header, and the protocol's version. */
const UP_TO_VERSION = 4 + 1;

export interface StrippedTls extends AsyncDisposable {
  readonly port: number;
}

/** Stands between a client and a server and has the server say that it has no TLS, as an attacker on the way would. */
export async function withoutTls(serverPort: number): Promise<StrippedTls> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: serverPort });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    upstream.once('data', (greeting: Buffer) => {
      const at = greeting.indexOf(0, UP_TO_VERSION) + UP_TO_CAPABILITIES + 1;
      greeting.writeUInt8(greeting.readUInt8(at) & ~CLIENT_SSL, at);
      client.write(greeting);
      upstream.pipe(client);
      client.pipe(upstream);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
