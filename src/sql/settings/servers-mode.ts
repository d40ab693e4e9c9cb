import type { TextRange } from '../lexer/statement.ts';
import type { Assignment } from './set-assignments.ts';
import type { SettingExpression } from './setting-expression.ts';
import { QUOTING_MODES } from '../lexer/sql-modes.ts';

/** The server's own `sql_mode`, in which quotes mean what the guard takes them for. */
export const SERVERS_MODE = QUOTING_MODES.reduce(
  (mode, name) => `REPLACE(${mode},'${name}','')`,
  '@@GLOBAL.sql_mode',
);

/** Where a SET asks for the server's own mode, as which `SERVERS_MODE` is given. */
export function serversModeIn(assignments: readonly Assignment[]): readonly TextRange[] {
  return assignments.flatMap((assignment) => {
    const [token] = assignment.tokens;
    if (isServersMode(assignment) && token !== undefined) return [{ start: token.start, end: token.end }];
    return inExpression(assignment.value);
  });
}

/** `sql_mode = DEFAULT`. */
export function isServersMode({ target, name, value }: Assignment): boolean {
  return (
    target === 'session' &&
    name === 'sql_mode' &&
    value.kind === 'constant' &&
    value.type === 'word' &&
    value.text === 'default'
  );
}

function inExpression(expression: SettingExpression): readonly TextRange[] {
  switch (expression.kind) {
    case 'variable': {
      const { variable, range } = expression;
      return variable.isGlobal && variable.name === 'sql_mode' ? [range] : [];
    }
    case 'is-null':
      return inExpression(expression.operand);
    case 'call':
      return expression.operands.flatMap(inExpression);
    case 'constant':
    case 'null':
      return [];
  }
}
