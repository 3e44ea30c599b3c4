import type { SegmentSummary } from './engine/index-engine.ts';

/** Segments of similar size that are joined once there are as many. */
const mergedTogether = 8;
/** A merged segment holds at most so much, so that storing it never holds up the event loop for long. */
export const maximumMergedPassages = 8_192;
const maximumMergedBytes = 8 * 1024 * 1024;
const tierSizes = [64, 512, 4_096];
/** A segment with a larger share of deleted passages is written anew. */
const maximumDeletedShare = 0.25;

/**
 * Which segments to merge next, if any: first one with many deleted passages, then the oldest of a tier (under 64, 512
 * and 4,096 passages) that has grown to eight, as many of them as fit in one segment. Each passage is therefore rewritten
 * a few times at most.
 */
export function planMerge(segments: readonly SegmentSummary[]): number[] | undefined {
  const worn = segments.find(
    ({ passageCount, deletedCount }) => deletedCount > passageCount * maximumDeletedShare,
  );
  if (worn !== undefined) return [worn.id];
  let lower = 0;
  for (const upper of tierSizes) {
    const tier = segments.filter(({ passageCount }) => passageCount >= lower && passageCount < upper);
    lower = upper;
    if (tier.length < mergedTogether) continue;
    const chosen = fit(tier);
    if (chosen.length > 1) return chosen;
  }
  return undefined;
}

function fit(tier: readonly SegmentSummary[]): number[] {
  const chosen: number[] = [];
  let passages = 0;
  let bytes = 0;
  for (const { id, passageCount, sizeBytes } of [...tier].sort((left, right) => left.id - right.id)) {
    if (passages + passageCount > maximumMergedPassages || bytes + sizeBytes > maximumMergedBytes) break;
    chosen.push(id);
    passages += passageCount;
    bytes += sizeBytes;
  }
  return chosen;
}
