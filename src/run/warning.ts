/** Something is wrong, but the run continues. */
export interface Warning {
  readonly message: string;
  /** What to type. */
  readonly fix?: string | undefined;
}

/** The command stands on a line of its own. */
export function warningText({ message, fix }: Warning): string {
  return fix === undefined ? message : `${message}\n${fix}`;
}
