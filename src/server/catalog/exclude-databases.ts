/**
 * The names without those that a pattern takes out.
 *
 * @param patterns `*` stands for any characters and `?` for one; all else for itself, in upper and lower case.
 * @returns `idle`: the patterns that took none out.
 */
export function excludeDatabases(
  names: readonly string[],
  patterns: readonly string[],
): { readonly kept: readonly string[]; readonly idle: readonly string[] } {
  const matchers = patterns.map((pattern) => ({ pattern, takes: matcherOf(pattern) }));
  return {
    kept: names.filter((name) => !matchers.some(({ takes }) => takes.test(name))),
    idle: matchers
      .filter(({ takes }) => !names.some((name) => takes.test(name)))
      .map(({ pattern }) => pattern),
  };
}

function matcherOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}/-]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}
