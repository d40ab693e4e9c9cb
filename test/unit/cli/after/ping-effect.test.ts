import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pingEffect } from '../../../../src/cli/after/ping-effect.ts';
import { postPing } from '../../../../src/cli/after/post-ping.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import { monitor } from '../../../harness/monitor.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { NEVER, PATIENT, QUICK, someRun } from './some-run.ts';

function ping(flags: FlagValues, bounds = PATIENT) {
  const warnings: string[] = [];
  const effect = pingEffect(lookup(flags, flags, {}), {
    post: postPing,
    bounds,
    warn: (text) => warnings.push(text),
  });
  return { warnings, end: (run = someRun(), stop = NEVER) => effect?.(run, stop) ?? Promise.resolve() };
}

describe('pingEffect', () => {
  test('is none without a URL', async () => {
    const { warnings, end } = ping({});
    await end();

    expect(warnings).toEqual([]);
  });

  test('tells the begin, then the exit code with the closing message, under one id', async () => {
    const { url, pings } = await monitor();
    const { warnings, end } = ping({ ping: `${url}?create=1` });
    await waitFor('the first ping', () => Promise.resolve(pings.length === 1));
    await end(someRun({ exitCode: 22, message: 'it failed' }));

    expect(warnings).toEqual([]);
    expect(pings.map(({ path, body }) => [path, body])).toEqual([
      ['/canary-check/start', ''],
      ['/canary-check/22', 'it failed'],
    ]);
    const ids = pings.map(({ query }) => query.get('rid'));
    expect(ids[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(pings.map(({ query }) => query.get('create'))).toEqual(['1', '1']);
  });

  test('each run has its own id', async () => {
    const { url, pings } = await monitor();
    for (const { end } of [ping({ ping: url }), ping({ ping: url })]) await end();

    expect(new Set(pings.map(({ query }) => query.get('rid'))).size).toBe(2);
  });

  test('a begin that the monitor is slow to take comes before the end, and is not tried again behind it', async () => {
    const { url, pings } = await monitor((seen, response) => {
      setTimeout(() => {
        response.writeHead(seen.path.endsWith('start') ? 500 : 200);
        response.end('OK');
      }, 50);
    });
    const { warnings, end } = ping({ ping: url });
    await end();

    expect(pings.map(({ path }) => path)).toEqual(['/canary-check/start', '/canary-check/0']);
    expect(warnings).toEqual([`The first ping to ${new URL(url).host} failed: it answers 500.`]);
  });

  test('a monitor that never answers costs a bounded time, and one warning without the URL', async () => {
    const { url, host } = await monitor(() => undefined);
    const begun = performance.now();
    const { warnings, end } = ping({ ping: url }, QUICK);
    await end();

    expect(performance.now() - begun).toBeLessThan(QUICK.ping.totalMs + 3000);
    expect(warnings).toEqual([`The last ping to ${host} failed: there was no more time.`]);
  });

  test('ends at once when somebody waits for the end', async () => {
    const { url } = await monitor(() => undefined);
    const { end } = ping({ ping: url });
    const begun = performance.now();
    await end(someRun({ exitCode: 130 }), AbortSignal.timeout(50));

    expect(performance.now() - begun).toBeLessThan(3000);
  });

  test('sends the end of the log, as much as the monitor keeps', async () => {
    const directory = await temporaryFolder();
    mkdirSync(join(directory, '.jobs'));
    const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number}`);
    writeFileSync(join(directory, '.jobs/b4fx5fs2.log'), lines.join('\n'), { mode: 0o600 });
    const { url, pings } = await monitor();
    const jobs = [
      { directory, job: 'n2ln2ln2' }, // it has none
      { directory, job: 'b4fx5fs2' },
    ];
    const { end } = ping({ ping: url, 'ping-log': true });
    await end(someRun({ jobs }));

    const body = pings.at(-1)?.body ?? '';
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(100_000);
    expect(Buffer.byteLength(body)).toBeGreaterThan(99_000);
    expect(body).toMatch(/^dbbackup create: exit code 0 \(ok\)\nshop backed up: .*\n\nline \d+\n/);
    expect(body).toMatch(/line 19999$/);
  });

  describe('of health, sends', () => {
    const sent = async (document: string, documentOfWrong?: string) => {
      const { url, pings } = await monitor();
      const { end } = ping({ ping: url, 'ping-log': true });
      await end(someRun({ command: 'health', message: 'how it is', document, documentOfWrong }));
      return (pings.at(-1)?.body ?? '').replace(/^how it is\n\n/, '');
    };
    const large = `{"checks":["${'é'.repeat(60_000)}"]}\n`;

    test('the document', async () => {
      expect(await sent('{"checks":["ok","bad"]}\n', '{"checks":["bad"]}\n')).toBe(
        '{"checks":["ok","bad"]}\n',
      );
    });

    test('what is wrong alone where all is more than the monitor keeps', async () => {
      expect(await sent(large, '{"checks":["bad"]}\n')).toBe('{"checks":["bad"]}\n');
    });

    test('the end of one long line where that is too much as well', async () => {
      const body = await sent(large, large);
      expect(body).toMatch(/^é+"\]\}\n$/);
      expect(Buffer.byteLength(body)).toBeGreaterThan(99_900);
    });
  });

  test.each(['hc-ping.com/canary', 'ftp://host/canary', 'canary'])(
    '%s is no such URL, and is not repeated',
    (url) => {
      expect(() => ping({ ping: url })).toThrow('--ping is not a URL that begins with http:// or https://.');
    },
  );
});
