import { randomUUID } from 'node:crypto';
import { readJobLog } from '../../jobs/record/job-files.ts';
import { isOn, type Lookup } from '../../settings/values/given-text.ts';
import { parsePingUrl } from '../../settings/values/ping-url.ts';
import type { Bounds } from './bounds.ts';
import type { AfterRunEffect, EndedRun } from './ended-run.ts';
import { pingUrl, sendPing } from './ping.ts';
import type { PostPing } from './post-ping.ts';

/** What healthchecks keeps of a body. */
const LARGEST_BODY_BYTES = 100_000;

/**
 * `--ping`: tells a monitor that the run begins, beside the run, and how it ended.
 *
 * @throws {DbBackupError} `usage`.
 */
export function pingEffect(
  given: Lookup,
  {
    post,
    bounds,
    warn,
  }: { readonly post: PostPing; readonly bounds: Bounds; readonly warn: (text: string) => void },
): AfterRunEffect | undefined {
  const found = given('ping');
  if (found === undefined) return undefined;
  const check = parsePingUrl(found);
  const rid = randomUUID();
  const failed = (which: string, why: string): void => {
    warn(`The ${which} ping to ${check.host} failed: ${why}.`);
  };
  let isOver = false;
  const over = new AbortController();
  const started = sendPing(pingUrl(check, 'start', rid), '', {
    post,
    bounds: bounds.ping,
    stop: over.signal,
    isWanted: () => !isOver,
  }).catch(() => 'a bug in dbbackup'); // nobody awaits it yet, and a run does not end for it
  return async (run, stop) => {
    isOver = true;
    const end = (): void => {
      over.abort();
    };
    // Not AbortSignal.timeout() in any(): nothing holds it there, and what is collected never aborts.
    const limit = setTimeout(end, bounds.ping.totalMs);
    stop.addEventListener('abort', end);
    if (stop.aborted) end();
    // A start that arrives behind the end would begin a run that never ends.
    const notStarted = await started;
    const body = isOn(given('ping-log')) ? withLog(run) : run.message;
    const notEnded = await sendPing(pingUrl(check, String(run.exitCode), rid), body, {
      post,
      bounds: bounds.ping,
      stop: over.signal,
      isWanted: () => true,
    });
    clearTimeout(limit);
    if (notEnded !== undefined) failed('last', notEnded);
    else if (notStarted !== undefined) failed('first', notStarted);
  };
}

/** The closing message and the end of the logs, as much as the monitor keeps; `health` has no job, but its document. */
function withLog(run: EndedRun): string {
  const head = Buffer.from(`${run.message}\n\n`);
  const room = Math.max(0, LARGEST_BODY_BYTES - head.length);
  const log = run.command === 'health' ? documentFor(room, run) : logsOf(run);
  return Buffer.concat([head, lastBytes(Buffer.from(log), room)]).toString();
}

/** A part of a document is none: where all does not fit, what is wrong may. */
function documentFor(room: number, { document, documentOfWrong = document }: EndedRun): string {
  return Buffer.byteLength(document) <= room ? document : documentOfWrong;
}

function logsOf({ jobs }: EndedRun): string {
  const logs = jobs.map(({ directory, job }) => {
    try {
      return readJobLog(directory, job);
    } catch {
      return ''; // the ping itself counts
    }
  });
  return logs.join('\n');
}

/** The end of a text, from the beginning of a line if it has more than one there. */
function lastBytes(text: Buffer, most: number): Buffer {
  if (text.length <= most) return text;
  const end = text.subarray(text.length - most);
  const line = end.indexOf('\n') + 1;
  return line > 0 && line < end.length ? end.subarray(line) : end.subarray(end.findIndex(beginsCharacter));
}

/** In UTF-8. */
function beginsCharacter(byte: number): boolean {
  return (byte & 0b1100_0000) !== 0b1000_0000;
}
