import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { peakMemoryBytes } from '../harness/processes.ts';

/** What one run cost. */
export interface Cost {
  readonly seconds: number;
  /** Of the whole machine, every process on it: what the server did for the run is in it. */
  readonly cpuSeconds: number;
  /** Resident memory of the process itself at its largest; not of its children. */
  readonly peakBytes: number;
}

/** /proc/stat counts in hundredths of a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_EVERY_MS = 25;

/**
 * Runs a program to its end.
 *
 * @throws {Error} With the end of its stderr, when it fails.
 */
export async function measure(
  command: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Cost> {
  const [program = '', ...args] = command;
  const cpuBefore = busySeconds();
  const startedAt = performance.now();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-2000)));
  let peakBytes = 0;
  const sampler = setInterval(() => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, peakMemoryBytes(child.pid));
  }, SAMPLE_EVERY_MS);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).finally(() => {
    clearInterval(sampler);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (exitCode !== 0)
    throw new Error(`${command.join(' ')}\nended with ${exitCode ?? 'a signal'}: ${complaint}`);
  return { seconds, cpuSeconds: busySeconds() - cpuBefore, peakBytes };
}

/** A pipeline that fails when any part of it fails. */
export function shell(script: string): readonly string[] {
  return ['bash', '-c', `set -o pipefail; ${script}`];
}

/** The run in the middle by its wall time, with the largest memory of all. */
export function median(costs: readonly Cost[]): Cost {
  const sorted = costs.toSorted((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('There is no median of no runs.');
  return { ...middle, peakBytes: Math.max(...costs.map((cost) => cost.peakBytes)) };
}

function busySeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softIrq) / TICKS_PER_SECOND;
}
