import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Cut {
  /** Bytes that still pass, counted over all connections through this proxy. */
  readonly afterBytes: number;
  /** Which way the bytes are counted: what the server sends (a dump), or what it is sent (a load). */
  readonly direction: 'from-server' | 'to-server';
  /** `fin` closes in good order, `rst` resets, `stall` keeps the connection open and passes nothing on. */
  readonly how: 'fin' | 'rst' | 'stall';
}

export interface CuttingProxy {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes that have passed so far. */
  readonly passedBytes: Readonly<Record<Cut['direction'], number>>;
  readonly isCut: boolean;
  close(): Promise<void>;
}

/** `openCuttingProxy` for a test, after which it is closed. */
export async function cuttingProxy(server: { host: string; port: number }, cut?: Cut): Promise<CuttingProxy> {
  const proxy = await openCuttingProxy(server, cut);
  onTestFinished(() => proxy.close());
  return proxy;
}

/**
 * Stands between a program and a server and, once enough bytes have passed, cuts every connection; new ones are
 * then cut at once. Without `cut` it only counts.
 */
export async function openCuttingProxy(
  server: { host: string; port: number },
  cut?: Cut,
): Promise<CuttingProxy> {
  const passed = { 'from-server': 0, 'to-server': 0 };
  const pairs = new Set<{ client: Socket; upstream: Socket }>();
  let isCut = false;

  const severAll = () => {
    isCut = true;
    for (const { client, upstream } of pairs) sever(client, upstream, cut?.how ?? 'fin');
  };
  const forward = (direction: Cut['direction'], source: Socket, sink: Socket) => {
    source.on('data', (chunk: Buffer) => {
      if (isCut) return;
      const left = cut?.direction === direction ? cut.afterBytes - passed[direction] : Infinity;
      const passing = chunk.length > left ? chunk.subarray(0, left) : chunk;
      passed[direction] += passing.length;
      if (passing.length > 0 && !sink.write(passing)) {
        source.pause();
        sink.once('drain', () => source.resume());
      }
      if (chunk.length >= left) severAll();
    });
    source.on('end', () => !isCut && sink.end());
    source.on('error', () => sink.destroy());
    source.on('close', () => !isCut && sink.destroySoon());
  };

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...server, allowHalfOpen: true });
    const pair = { client, upstream };
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    forward('to-server', client, upstream);
    forward('from-server', upstream, client);
    if (isCut) sever(client, upstream, cut?.how ?? 'fin');
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const close = async () => {
    for (const { client, upstream } of pairs) for (const socket of [client, upstream]) socket.destroy();
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  };
  return {
    host: '127.0.0.1',
    port,
    environment: { DBBACKUP_HOST: '127.0.0.1', DBBACKUP_PORT: String(port) },
    passedBytes: passed,
    get isCut() {
      return isCut;
    },
    close,
  };
}

function sever(client: Socket, upstream: Socket, how: Cut['how']): void {
  for (const socket of [client, upstream]) {
    if (how === 'rst') socket.resetAndDestroy();
    else if (how === 'fin')
      socket.destroySoon(); // what has been passed on still arrives
    else socket.pause();
  }
}
