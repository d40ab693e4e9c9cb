import type { Warning } from '../../run/warning.ts';
import type { Finding } from '../finding/finding.ts';
import { OLDEST_NODE } from '../../run/node-version.ts';
import { shellWord } from '../../run/shell-command.ts';
import { isOlder } from '../../server/connect/version.ts';

export function examineNode(version: string): readonly Finding[] {
  if (!isOlder(version, OLDEST_NODE)) return [{ level: 'ok', check: 'node', message: `Node.js ${version}.` }];
  return [
    {
      level: 'problem',
      check: 'node',
      message: `This is Node.js ${version}; dbbackup needs ${OLDEST_NODE} or later.`,
      why: 'Older versions lack features that it needs.',
      fix: ['Install a newer Node.js: https://nodejs.org/en/download'],
    },
  ];
}

/** Files that expose a password, and other problems with the settings. */
export function examineConfiguration(settings: {
  readonly warnings: readonly Warning[];
  readonly exposedFiles: readonly string[];
}): readonly Finding[] {
  const exposed = settings.exposedFiles.map((file): Finding => ({
    level: 'warning',
    check: 'configuration',
    message: `Other users may read ${file}, which contains a password.`,
    why: 'Anyone who has it can do on the server whatever this account may do.',
    fix: [`chmod 600 ${shellWord(file)}`],
  }));
  const told = settings.warnings.map(({ message, fix }): Finding => ({
    level: 'warning',
    check: 'configuration',
    message,
    fix: fix === undefined ? [] : [fix],
  }));
  const findings = [...exposed, ...told];
  if (findings.length > 0) return findings;
  return [{ level: 'ok', check: 'configuration', message: 'No configuration file exposes a password.' }];
}
