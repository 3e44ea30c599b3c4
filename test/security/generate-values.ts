import * as fc from 'fast-check';

import type { JsonSchema } from './list-routes.ts';

/** Texts that have broken servers: control characters, bidi, halves of surrogates, markup, SQL, paths, templates. */
const HOSTILE_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\r\nSet-Cookie: x=1',
  '\u202Etxt.exe',
  '\uD800',
  'e\u0301\u0301\u0301\u0301',
  '👩‍👩‍👧‍👦'.repeat(50),
  '\uFEFF\u200B',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '%',
  '_%\\',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '${7*7}{{7*7}}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '1e309',
  '-0',
  '9'.repeat(400),
  'x'.repeat(10_001),
  'ß'.repeat(3_000),
  'http://169.254.169.254/latest/meta-data/',
  'javascript:alert(1)',
];
const HOSTILE_NUMBERS = [0, -1, 1.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, -(2 ** 63), 1e308, Number.MIN_VALUE];

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

/** Anything that JSON can carry, some of it deep. */
const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(...HOSTILE_NUMBERS),
  fc.constantFrom(null, true, false, [], {}, [[]], { length: 1e9 }, { toString: 'x' }),
  fc.integer({ min: 5, max: 60 }).map((depth) => nest(depth)),
  fc.jsonValue({ maxDepth: 3 }),
);

function nest(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { next: value };
  return value;
}

/** Values that fit a JSON schema, those at its limits among them. */
export function fittingValue(schema: JsonSchema | undefined): fc.Arbitrary<unknown> {
  if (schema === undefined) return fc.jsonValue({ maxDepth: 1 });
  if (schema['const'] !== undefined) return fc.constant(schema['const']);
  const choices = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (choices) return fc.oneof(...choices.map(fittingValue));
  const values = schema['enum'] as unknown[] | undefined;
  if (values) return fc.constantFrom(...values);
  const types = [schema['type']].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema)));
}

function ofType(type: unknown, schema: JsonSchema): fc.Arbitrary<unknown> {
  if (type === 'null') return fc.constant(null);
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer' || type === 'number') return numberOf(schema);
  if (type === 'string') return textOf(schema);
  if (type === 'array') {
    const limits = { minLength: Number(schema['minItems'] ?? 0), maxLength: Number(schema['maxItems'] ?? 3) };
    return fc.array(fittingValue(schema['items'] as JsonSchema | undefined), limits);
  }
  if (type === 'object') return objectOf(schema, fittingValue);
  return fc.jsonValue({ maxDepth: 1 });
}

function numberOf(schema: JsonSchema): fc.Arbitrary<number> {
  const min = Number(schema['minimum'] ?? -1_000);
  const max = Number(schema['maximum'] ?? 1_000);
  const low = Math.max(min, -Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.integer({ min: Math.ceil(low), max: Math.floor(Math.max(low, Math.min(max, low + 30))) }),
    fc.constantFrom(low, max),
  );
}

function textOf(schema: JsonSchema): fc.Arbitrary<string> {
  const { format, pattern } = schema;
  if (format === 'email') return fc.emailAddress();
  if (format === 'uri') return fc.webUrl();
  if (format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString());
  const minLength = Number(schema['minLength'] ?? 0);
  const maxLength = Math.min(Number(schema['maxLength'] ?? 60), 400);
  if (typeof pattern === 'string' && pattern.startsWith('^[a-z]')) {
    return fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/);
  }
  return fc.oneof(
    fc.string({ minLength, maxLength }),
    fc.string({ unit: 'grapheme', minLength, maxLength }),
    fc.constant('a'.repeat(Math.max(minLength, maxLength))),
  );
}

function objectOf(
  schema: JsonSchema,
  valueOf: (schema: JsonSchema | undefined) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = (schema['required'] ?? []) as string[];
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, named(name, valueOf(inner))]),
  );
  if (Object.keys(fields).length === 0)
    return fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
  return fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
}

/** Names of things that exist let a request get further than a name of nothing. */
function named(name: string, otherwise: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const known: Record<string, unknown[]> = {
    namespace: ['general'],
    persona: ['herman', null],
    chat_id: [null, 1, 2],
    parent_id: [null],
  };
  const values = Object.hasOwn(known, name) ? known[name] : undefined;
  return values ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, otherwise) : otherwise;
}

/** A body that fits, one with hostile fields in the right places, or something else entirely. */
export function anyBody(schema: JsonSchema | undefined): fc.Arbitrary<unknown> {
  const mixed = (inner: JsonSchema | undefined): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 3, arbitrary: fittingValue(inner) }, { weight: 2, arbitrary: hostileJson });
  const objects =
    (schema?.['anyOf'] as JsonSchema[] | undefined)?.find((inner) => inner['type'] === 'object') ?? schema;
  return fc.oneof(
    { weight: 3, arbitrary: fittingValue(schema) },
    { weight: 5, arbitrary: objects?.['type'] === 'object' ? objectOf(objects, mixed) : hostileJson },
    { weight: 1, arbitrary: hostileJson },
  );
}

/** Text for an address or a header: what fits, what is near, and what is hostile. */
export function anyParameter(schema: JsonSchema): fc.Arbitrary<string> {
  return fc
    .oneof(
      { weight: 4, arbitrary: fittingValue(schema).map(String) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }).map(String) },
      { weight: 2, arbitrary: hostileText },
    )
    .map((value) => value.toWellFormed());
}
