import { expect, test } from 'vitest';
import { parsePingUrl } from '../../../../src/settings/values/ping-url.ts';

const given = (text: string) => ({ text, source: 'ping in a [dbbackup] group', isFlag: false });

test.each([
  'https://hc-ping.com/eb095278-f28d-448d-87fb-7b75c171a6aa',
  'http://127.0.0.1:8000/ping/key/slug',
])('%s is where to ping', (url) => {
  expect(parsePingUrl(given(url)).href).toBe(url);
});

test.each(['', 'hc-ping.com/canary', 'file:///canary', 'mysql://root@db/canary'])(
  '"%s" is refused unseen',
  (url) => {
    expect(() => parsePingUrl(given(url))).toThrow(
      /^ping in a \[dbbackup\] group is not a URL that begins with http:\/\/ or https:\/\/\.$/,
    );
  },
);
