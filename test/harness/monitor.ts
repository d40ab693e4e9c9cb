import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request as a monitor of cron jobs sees it. */
export interface SeenPing {
  readonly method: string;
  readonly path: string;
  /** `rid` and others. */
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Monitor {
  /** Of a check, as healthchecks gives one. */
  readonly url: string;
  readonly host: string;
  readonly pings: readonly SeenPing[];
}

/**
 * A server on loopback for one test, to which runs report.
 *
 * @param answer By default `200 OK`.
 */
export async function monitor(
  answer: (ping: SeenPing, response: ServerResponse) => void = (_, response) => response.end('OK'),
): Promise<Monitor> {
  const pings: SeenPing[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://monitor');
      const { method = '', headers } = request;
      const ping = { method, path: pathname, query: searchParams, headers, body };
      pings.push(ping);
      answer(ping, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}/canary-check`, host, pings };
}
