import { describe, expect, test } from 'vitest';
import { pingUrl, sendPing } from '../../../../src/cli/after/ping.ts';
import { postPing } from '../../../../src/cli/after/post-ping.ts';
import { monitor, type Monitor } from '../../../harness/monitor.ts';

const BOUNDS = { tries: 5, tryMs: 20_000, pauseMs: 5, totalMs: 20_000 };
const SHORT = { ...BOUNDS, tryMs: 400 };
const NEVER = new AbortController().signal;

function send(url: string, body = '', stop = NEVER, bounds = BOUNDS): Promise<string | undefined> {
  return sendPing(new URL(url), body, { post: postPing, bounds, stop, isWanted: () => true });
}

test.each([
  ['https://hc-ping.com/uuid', 'start', 'https://hc-ping.com/uuid/start?rid=r'],
  ['https://hc-ping.com/uuid/', '0', 'https://hc-ping.com/uuid/0?rid=r'],
  ['https://hc-ping.com/key/slug?create=1', '143', 'https://hc-ping.com/key/slug/143?create=1&rid=r'],
])('%s is told %s at %s', (check, signal, url) => {
  expect(pingUrl(new URL(check), signal, 'r').href).toBe(url);
});

describe('sendPing', () => {
  test('posts the body as text', async () => {
    const { url, pings } = await monitor();

    expect(await send(url, 'größer')).toBeUndefined();
    expect(pings).toMatchObject([
      { method: 'POST', body: 'größer', headers: { 'content-type': 'text/plain; charset=utf-8' } },
    ]);
  });

  test.each([
    ['me:a%20b', Buffer.from('me:a b')],
    ['me:100%', Buffer.from('me:100%')],
    ['%zz%4:%', Buffer.from('%zz%4:%')],
    ['me:%ff%C3%A4ß', Buffer.concat([Buffer.from('me:'), Buffer.from([0xff]), Buffer.from('äß')])],
  ])('gives a login that the URL has, %s, to the server, and nothing else', async (login, bytes) => {
    const { url, pings } = await monitor();

    expect(await send(url.replace('http://', `http://${login}@`))).toBeUndefined();
    expect(pings[0]?.headers.authorization).toBe(`Basic ${bytes.toString('base64')}`);
  });

  test.each([307, 301])('follows a redirect (%i)', async (status) => {
    const { url, pings } = await monitor((ping, response) => {
      if (ping.path !== '/elsewhere') response.writeHead(status, { location: '/elsewhere' });
      response.end('OK');
    });

    expect(await send(url)).toBeUndefined();
    expect(pings.map(({ path }) => path)).toEqual(['/canary-check', '/elsewhere']);
  });

  test('does not follow redirects for ever', async () => {
    const { url, pings } = await monitor((_, response) => {
      response.writeHead(302, { location: '/canary-check' });
      response.end();
    });

    expect(await send(url)).toBe('the request failed');
    expect(pings.length).toBeLessThan(150);
  });

  test.each<{ title: string; answers: (at: Monitor) => number; why: string | undefined; tries: number }>([
    { title: 'an error of the server is tried again', answers: () => 500, why: 'it answers 500', tries: 5 },
    {
      title: 'until it is over',
      answers: ({ pings }) => (pings.length < 3 ? 503 : 200),
      why: undefined,
      tries: 3,
    },
    { title: 'what it refuses is not', answers: () => 404, why: 'it answers 404', tries: 1 },
    { title: 'nor too many requests', answers: () => 429, why: 'it answers 429', tries: 1 },
  ])('$title', async ({ answers, why, tries }) => {
    const at = await monitor((_, response) => {
      response.writeHead(answers(at));
      response.end();
    });

    expect(await send(at.url)).toBe(why);
    expect(at.pings).toHaveLength(tries);
  });

  test('a check that healthchecks does not know is not pinged, though it answers 200', async () => {
    const { url, pings } = await monitor((_, response) => response.end('OK (not found)'));

    expect(await send(url)).toBe('it answers "not found"');
    expect(pings).toHaveLength(1);
  });

  test('an answer without end is taken for what it begins with', async () => {
    const { url } = await monitor((_, response) => void response.write('OK'));

    expect(await send(url)).toBeUndefined();
  });

  test('a server that hangs is asked as often as the time allows', async () => {
    const { url, pings } = await monitor(() => undefined);
    const begun = performance.now();

    expect(await send(url, '', NEVER, SHORT)).toBe('no answer within 0.4 s');
    expect(performance.now() - begun).toBeGreaterThan(5 * SHORT.tryMs - 20);
    expect(await send(url, '', AbortSignal.timeout(600), SHORT)).toBe('there was no more time');
    expect(pings.length).toBeLessThanOrEqual(7);
  });

  test.each([
    ['http://127.0.0.1:1/canary', /^the connection was refused$|^the request failed/],
    ['http://canary.invalid/', /^its name (is not known|could not be looked up)$/],
  ])('%s cannot be reached', async (url, why) => {
    expect(await send(url)).toMatch(why);
    expect(await send(url)).not.toContain('canary');
  });
});
