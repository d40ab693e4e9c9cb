import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { EVERYTHING, flagsOfLogin, greetingPacket } from './mysql-packets.ts';

/**
 * What a client says of itself when it logs in to a server that offers everything but TLS and compression.
 *
 * @param login Has the client log in at this port of 127.0.0.1; it is cut off there, and may fail as it likes.
 */
export async function seenLogin(
  version: string,
  login: (port: number) => Promise<unknown>,
): Promise<readonly string[]> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const seen = new Promise<readonly string[]>((resolve) => {
    listener.on('connection', (socket) => {
      socket.on('error', () => undefined); // of a client that goes first
      socket.write(greetingPacket(version, EVERYTHING));
      socket.once('data', (packet: Buffer) => {
        resolve(flagsOfLogin(packet.subarray(4)));
        socket.destroy();
      });
    });
  });
  try {
    const [flags] = await Promise.all([
      seen,
      login((listener.address() as AddressInfo).port).catch(() => undefined),
    ]);
    return flags;
  } finally {
    listener.close();
  }
}
