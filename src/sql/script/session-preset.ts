/**
 * What a session is set to before anything of a dump runs in it: what the SETs at the dump's head mean, in our words.
 * The dump's own text is never run for that.
 */
export interface SessionPreset {
  /** Variables whose value from before the head is needed later: see `initialValue`. */
  readonly initial: readonly string[];
  /** In this order: one may change another. */
  readonly settings: readonly PresetSetting[];
}

export interface PresetSetting {
  /** A session variable; `names` and `charset` stand for SET NAMES and SET CHARACTER SET. */
  readonly name: string;
  /** In SQL; see `isClosedValue`. */
  readonly literal: string;
  /** Of SET NAMES … COLLATE, in SQL. */
  readonly collation?: string | undefined;
  /** The dump sets it on some servers only: where the server has no such variable, it is left out. */
  readonly optional: boolean;
}

/** Where a session keeps the value that a variable had before the head of the dump. */
export function initialValue(variable: string): string {
  return `@dbbackup_initial_${variable}`;
}

/**
 * Whether a value says nothing but itself, wherever it stands in a SET of ours: literals, variables, and functions of
 * them. Nothing else may ever be put into one.
 */
export function isClosedValue(value: string): boolean {
  const rest = value.replaceAll(/'[^'\\]*'/g, '?');
  return /^[+-]?[\w@.,()? ]+$/.test(rest) && (!rest.includes(',') || /^\w+\(.*\)$/.test(rest));
}

export function notClosed(variable: string): Error {
  return new Error(`the value of ${variable} is more than a value`);
}

/** The statements, ASCII, for a server that has all these variables. */
export function presetStatements({ initial, settings }: SessionPreset): readonly string[] {
  return [
    ...initial.map((name) => `SET ${initialValue(name)} = @@SESSION.${name}`),
    ...settings.map(({ name, literal, collation }) => {
      if (!isClosedValue(literal) || !isClosedValue(collation ?? '0')) throw notClosed(name);
      if (name === 'names')
        return `SET NAMES ${literal}${collation === undefined ? '' : ` COLLATE ${collation}`}`;
      return name === 'charset' ? `SET CHARACTER SET ${literal}` : `SET SESSION ${name} = ${literal}`;
    }),
  ];
}

/** The same for a server without these variables. */
export function withoutVariables(preset: SessionPreset, unknown: ReadonlySet<string>): SessionPreset {
  return {
    ...preset,
    settings: preset.settings.filter(({ name, optional }) => !(optional && unknown.has(name))),
  };
}

/** Names of variables that only some servers may have. */
export function optionalVariables({ settings }: SessionPreset): readonly string[] {
  return settings.flatMap(({ name, optional }) => (optional ? [name] : []));
}
