import ts from 'typescript';

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** What turns types into schemas. Whatever has a name of its own in the sources is one of the `definitions`. */
export interface SchemaMaker {
  /** @throws {Error} for what no JSON can hold: a function, a class, `unknown`. */
  schemaOf(type: ts.Type): Schema;
  /** Those that the schemas so far refer to. */
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** The numbers that are not whole. */
const SHARES: ReadonlySet<string> = new Set(['maxSizeDrop']);
/** A field with such a name is a time, but for what the end line of a dump says of itself. */
const IS_TIME = /^(?:at|since|until|(?!made)\w+At)$/;

/** @param leavesNullOut As `jsonDocument` does. */
export function schemaMaker(
  checker: ts.TypeChecker,
  { leavesNullOut }: { readonly leavesNullOut: boolean },
): SchemaMaker {
  const definitions: Record<string, Schema> = {};
  const named = new Map<string, ts.Type>();

  function schemaOf(type: ts.Type): Schema {
    const name = nameOf(type);
    if (name === undefined) return described(inlineSchema(type), documentationOf(type, checker));
    const known = named.get(name);
    if (known === undefined) {
      named.set(name, type); // first, for one that holds itself
      definitions[name] = described(inlineSchema(type), documentationOf(type, checker));
    } else if (known !== type) {
      throw new Error(`Two types are called ${name}: one of them needs another name.`);
    }
    return { $ref: `#/definitions/${name}` };
  }

  function inlineSchema(type: ts.Type): Schema {
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === 'true' };
    if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (type.flags & ts.TypeFlags.String) return { type: 'string' };
    if (type.flags & ts.TypeFlags.Number) return { type: 'integer', minimum: 0 };
    if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isUnion()) return unionSchema(type.types);
    if (checker.isArrayType(type)) {
      const [item] = checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', items: schemaOf(item!) };
    }
    if (type.isIntersection() || type.flags & ts.TypeFlags.Object) return objectSchema(type);
    throw new Error(`No schema is made of ${checker.typeToString(type)}.`);
  }

  function unionSchema(types: readonly ts.Type[]): Schema {
    // Sorted, because the order of the compiler depends on what it has seen before.
    const literals = types
      .filter((type) => type.isStringLiteral())
      .sort((a, b) => (a.value < b.value ? -1 : 1));
    const others = types.filter((type) => !type.isStringLiteral());
    const schemas = [
      ...(literals.length > 1 ? [{ enum: literals.map(({ value }) => value) }] : literals.map(schemaOf)),
      ...withoutBooleans(others).map(schemaOf),
    ];
    return schemas.length === 1 ? schemas[0]! : { anyOf: schemas };
  }

  /** A union holds `true` and `false` apart. */
  function withoutBooleans(types: readonly ts.Type[]): readonly ts.Type[] {
    const isBoolean = (type: ts.Type): boolean => (type.flags & ts.TypeFlags.BooleanLiteral) !== 0;
    if (types.filter(isBoolean).length < 2) return types;
    return [...types.filter((type) => !isBoolean(type)), checker.getBooleanType()];
  }

  function objectSchema(type: ts.Type): Schema {
    if (type.getCallSignatures().length > 0 || type.isClass())
      throw new Error(`No document holds ${checker.typeToString(type)}.`);
    const fields = inOrder(checker.getPropertiesOfType(type));
    const values = checker.getIndexInfosOfType(type).map((index) => schemaOf(index.type));
    const required = fields.filter((field) => !isOptional(field)).map(({ name }) => name);
    return {
      type: 'object',
      ...(fields.length === 0
        ? {}
        : { properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])) }),
      ...(required.length === 0 ? {} : { required }),
      ...(values.length === 0 ? {} : { additionalProperties: values[0] }),
    };
  }

  function isOptional(field: ts.Symbol): boolean {
    const type = checker.getTypeOfSymbol(field);
    if ((field.flags & ts.SymbolFlags.Optional) !== 0) return true;
    return hasMember(type, ts.TypeFlags.Undefined) || (leavesNullOut && hasMember(type, ts.TypeFlags.Null));
  }

  function fieldSchema(field: ts.Symbol): Schema {
    const type = checker.getTypeOfSymbol(field);
    const present = checker.getNonNullableType(type);
    const isNull = !leavesNullOut && hasMember(type, ts.TypeFlags.Null);
    const schema = withConventions(field.name, schemaOf(present));
    const text = textOf(field.getDocumentationComment(checker));
    const unit = field.name.endsWith('Bytes')
      ? 'In bytes.'
      : field.name.endsWith('Ms')
        ? 'In milliseconds.'
        : '';
    return described(isNull ? { anyOf: [schema, { type: 'null' }] } : schema, text === '' ? unit : text);
  }

  return { schemaOf, definitions };
}

/** What the name of a field says, as docs/automation.md tells. */
function withConventions(name: string, schema: Schema): Schema {
  if (schema['type'] === 'string' && IS_TIME.test(name)) return { ...schema, format: 'date-time' };
  return schema['type'] === 'integer' && SHARES.has(name) ? { ...schema, type: 'number' } : schema;
}

function hasMember(type: ts.Type, flag: ts.TypeFlags): boolean {
  return (type.isUnion() ? type.types : [type]).some((member) => (member.flags & flag) !== 0);
}

/** Of an interface or an alias of ours; undefined where the type has none, or is one of many of a generic one. */
function nameOf(type: ts.Type): string | undefined {
  const isInterface =
    (type.flags & ts.TypeFlags.Object) !== 0 &&
    ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Interface) !== 0;
  const symbol = type.aliasSymbol ?? (isInterface ? type.symbol : undefined);
  if (symbol === undefined || (type.aliasTypeArguments ?? []).length > 0) return undefined;
  return isOurs(symbol) ? symbol.name : undefined;
}

function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((each) => /\/src\/[^/]+\//.test(each.getSourceFile().fileName));
}

/** The docstring of a type; of one that adds something to another, that of what is added. */
function documentationOf(type: ts.Type, checker: ts.TypeChecker): string {
  const symbol = type.aliasSymbol ?? (type.flags & ts.TypeFlags.Object ? type.symbol : undefined);
  const own = symbol === undefined || !isOurs(symbol) ? '' : textOf(symbol.getDocumentationComment(checker));
  if (own !== '' || !type.isIntersection()) return own;
  return type.types.map((each) => documentationOf(each, checker)).findLast((text) => text !== '') ?? '';
}

/** Those of one file as they stand in it: the order of the compiler depends on what it has seen before. */
function inOrder(fields: readonly ts.Symbol[]): readonly ts.Symbol[] {
  const byFile = new Map<ts.SourceFile | undefined, ts.Symbol[]>();
  for (const field of fields) {
    const file = field.declarations?.[0]?.getSourceFile();
    byFile.set(file, [...(byFile.get(file) ?? []), field]);
  }
  const placeOf = ({ declarations }: ts.Symbol): number => declarations?.[0]?.pos ?? 0;
  return [...byFile.values()].flatMap((group) => group.sort((a, b) => placeOf(a) - placeOf(b)));
}

/** In JSON, what is undefined is absent. */
export function textOf(parts: ts.SymbolDisplayPart[]): string {
  return ts
    .displayPartsToString(parts)
    .replaceAll(/\n(?!\n|- )/g, ' ')
    .replaceAll(/(?<=^|[.\n] ?)undefined\b/g, 'Absent')
    .replaceAll(/\bundefined\b/g, 'absent');
}

function described({ description: own, ...schema }: Schema, text: string): Schema {
  const description = text === '' ? own : text;
  return description === undefined ? schema : { description, ...schema };
}
