import type { Schema, Statement } from './schema.ts';

/**
 * Leaves out statements as long as the rest still fails in the same way: halves first, then single ones.
 *
 * @param fails Tries a smaller schema.
 * @param deadline When to be content with what is reached, in ms since 1970.
 */
export async function shrink(
  schema: Schema,
  fails: (smaller: Schema) => Promise<boolean>,
  deadline: number,
): Promise<Schema> {
  const [create, use, ...rest] = schema.statements;
  const made = (statements: readonly Statement[]): Schema => ({
    ...schema,
    statements: [create!, use!, ...statements],
  });
  let left: readonly Statement[] = rest;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length && Date.now() < deadline;) {
      const smaller = [...left.slice(0, at), ...left.slice(at + size)];
      if (await fails(made(smaller))) left = smaller;
      else at += size;
    }
  }
  return made(left);
}

/** A script that a client takes. */
export function scriptOf({ statements }: Schema): string {
  const all = statements.map(({ text }) => text).join('\n');
  const delimiter = ['~~', '^^', '!!', '||'].find((each) => !all.includes(each)) ?? '~^~';
  const lines = ["SET SESSION foreign_key_checks = 0, sql_mode = '';", `DELIMITER ${delimiter}`];
  let current = '';
  for (const { text, mode } of statements) {
    if (mode !== current) lines.push(`SET SESSION sql_mode = '${mode}'${delimiter}`);
    current = mode;
    lines.push(`${text}\n${delimiter}`);
  }
  return `${lines.join('\n')}\n`;
}
