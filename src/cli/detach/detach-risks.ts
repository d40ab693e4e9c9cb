/** What would end a detached run, too, when it ends. */
export interface Surroundings {
  /** The variables CI and INVOCATION_ID tell of CI servers and systemd. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The cgroup of the run: `/proc/self/cgroup`; empty where there is none. */
  readonly cgroup: string;
  /** Of process 1: `/proc/1/comm`; empty where it cannot be read. */
  readonly init: string;
  readonly pid: number;
  readonly parentPid: number;
  /** Path of the program. */
  readonly program: string;
}

const INITS: ReadonlySet<string> = new Set([
  ...['systemd', 'init', 'tini', 'dumb-init', 'docker-init', 'catatonit', 's6-svscan', 'runit', 'launchd'],
]);

/** Units that do not stop what their processes started (`KillMode=process`), or that end only with the session. */
const OUTLIVES_ITS_PROCESSES = /^(?:user@\d+|cron|crond|cronie|anacron|atd|ssh|sshd)\.service$/;

/** Warnings, each a sentence or two. */
export function detachRisks(at: Surroundings): readonly string[] {
  const risks: string[] = [];
  const [, unit] = /\/([^/\n]+\.service)$/m.exec(at.cgroup) ?? [];
  if (unit !== undefined && !OUTLIVES_ITS_PROCESSES.test(unit)) {
    risks.push(
      `This runs in the systemd unit ${unit}: when its main process ends, systemd stops the job too. Leave out --detach; a unit waits anyway.`,
    );
  }
  if (!['', '0', 'false'].includes(at.env['CI'] ?? '')) {
    risks.push(
      'This is a CI step (CI is set): the job ends with the step or its container. Leave out --detach.',
    );
  }
  const ofContainer = at.pid === 1 || (at.parentPid === 1 && at.init !== '' && !INITS.has(at.init));
  if (ofContainer) {
    risks.push(
      `The container stops with its first process${at.init === '' ? '' : ` (${at.init})`}, and the job with it. Leave out --detach, or run dbbackup with docker exec.`,
    );
  }
  if (at.program.includes('/_npx/')) {
    risks.push(
      `dbbackup runs from npx's cache (${at.program}): a job fails when its program is removed there. Install dbbackup: npm install --global dbbackup`,
    );
  }
  return risks;
}
