import { ModelError, type ModelIdentity } from './model-error.ts';

/**
 * The vectors of an answer of an embeddings endpoint, in the order of the texts and scaled to unit length.
 * @param options.count how many texts were sent
 * @param options.dimension floats that each must have; undefined while it is unknown
 * @throws ModelError `malformed` when one is missing, is no direction, or has another dimension
 */
export function readEmbeddings(
  answer: unknown,
  options: { identity: ModelIdentity; count: number; dimension: number | undefined },
): Float32Array[] {
  const { identity, count } = options;
  const entries = (answer as { data?: unknown } | null)?.data;
  if (!Array.isArray(entries) || entries.length !== count) {
    throw unusable(
      identity,
      `sent ${Array.isArray(entries) ? entries.length : 'no'} vectors for ${count} texts`,
    );
  }
  const vectors: Float32Array[] = Array.from({ length: count });
  for (const [position, entry] of (entries as { index?: unknown; embedding?: unknown }[]).entries()) {
    const index = typeof entry?.index === 'number' ? entry.index : position;
    const vector = toUnitVector(entry?.embedding);
    if (!vector) throw unusable(identity, 'sent a vector that is none');
    if (options.dimension !== undefined && vector.length !== options.dimension) {
      throw unusable(identity, `sent ${vector.length} dimensions instead of ${options.dimension}`);
    }
    if (!(index in vectors) || vectors[index] !== undefined)
      throw unusable(identity, 'numbered its vectors wrongly');
    vectors[index] = vector;
  }
  return vectors;
}

/** Scales to length 1; undefined for what is no list of finite numbers or has no length. */
export function toUnitVector(value: unknown): Float32Array | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (!value.every((number) => typeof number === 'number' && Number.isFinite(number))) return undefined;
  const numbers = value as number[];
  // Dividing by the largest first keeps the squares of very large and very small numbers in range.
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  if (largest === 0) return undefined;
  const length = Math.sqrt(numbers.reduce((sum, number) => sum + (number / largest) ** 2, 0));
  return Float32Array.from(numbers, (number) => number / largest / length);
}

function unusable(identity: ModelIdentity, what: string): ModelError {
  return new ModelError('malformed', `${identity.provider} ${what} (${identity.model}). Check MODEL_EMBED.`);
}
