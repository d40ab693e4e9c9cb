/** A restore tells of what dead restores left on the server, also of those that a test beside this one has killed. */
const OF_OTHERS = /dbbackup_(?:old|stage)_\w+.*(?:from elsewhere|an interrupted rehearsal)/;

/** The lines that are about the test's own runs. */
export function withoutOthers(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !OF_OTHERS.test(line))
    .join('\n');
}

export function ownWarnings(warnings: readonly string[]): readonly string[] {
  return warnings.filter((warning) => !OF_OTHERS.test(warning));
}
