import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { peakMemoryBytes } from '../harness/processes.ts';

/** What one run cost. */
export interface Cost {
  readonly seconds: number;
  /** Of what was run, and all that it started. */
  readonly cpuSeconds: number;
  readonly serverCpuSeconds: number;
  /** Of everything else on the machine meanwhile: where it is much, the wall time says little. */
  readonly othersCpuSeconds: number;
  /** Resident memory, at its largest, of the process that had the most. */
  readonly peakBytes: number;
}

/** /proc counts in hundredths of a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_EVERY_MS = 25;

/**
 * Runs a program to its end.
 *
 * @param options.server Whose work is part of the cost.
 * @throws {Error} With the end of its stderr, when it fails.
 */
export async function measure(
  command: readonly string[],
  { server, env }: { readonly server: { readonly pid: number }; readonly env?: NodeJS.ProcessEnv },
): Promise<Cost> {
  const [program = '', ...args] = command;
  const [oursBefore, serverBefore, machineBefore] = [
    endedChildrenSeconds(),
    processSeconds(server.pid),
    machineSeconds(),
  ];
  const startedAt = performance.now();
  const child = spawn(program, args, { env: env ?? process.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-2000)));
  let peakBytes = 0;
  const sampler = setInterval(() => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, ...family(child.pid).map(peakMemoryBytes));
  }, SAMPLE_EVERY_MS);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).finally(() => {
    clearInterval(sampler);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (exitCode !== 0)
    throw new Error(`${command.join(' ')}\nended with ${exitCode ?? 'a signal'}: ${complaint}`);
  const cpuSeconds = endedChildrenSeconds() - oursBefore;
  const serverCpuSeconds = processSeconds(server.pid) - serverBefore;
  const othersCpuSeconds = Math.max(0, machineSeconds() - machineBefore - cpuSeconds - serverCpuSeconds);
  return { seconds, cpuSeconds, serverCpuSeconds, othersCpuSeconds, peakBytes };
}

/** The run in the middle by its wall time, with the largest memory of all. */
export function median(costs: readonly Cost[]): Cost {
  const sorted = costs.toSorted((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('There is no median of no runs.');
  return { ...middle, peakBytes: Math.max(...costs.map((cost) => cost.peakBytes)) };
}

/** A process and all that descend from it, by the kernel's own list: looking through all of /proc would cost more. */
function family(pid: number): number[] {
  const children = readProc(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(family)];
}

/** User and system time of this process's children that have ended, and of theirs. */
function endedChildrenSeconds(): number {
  const [user = 0, system = 0] = statFields('self').slice(13);
  return (user + system) / TICKS_PER_SECOND;
}

/** User and system time of a running process, its threads included. */
function processSeconds(pid: number): number {
  const [user = 0, system = 0] = statFields(String(pid)).slice(11);
  return (user + system) / TICKS_PER_SECOND;
}

/** The fields behind the name, which may hold spaces: the state is the first. */
function statFields(process: string): number[] {
  const stat = readProc(`/proc/${process}/stat`);
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

function machineSeconds(): number {
  const [line = ''] = readProc('/proc/stat').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softIrq) / TICKS_PER_SECOND;
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
