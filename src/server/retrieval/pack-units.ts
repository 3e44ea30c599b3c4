import type { Unit } from './list-units.ts';
import {
  maximumPassageCharacters,
  minimumPassageCharacters,
  overlapCharacters,
  targetPassageCharacters,
} from './passage-limits.ts';

const lengthOf = (units: readonly Unit[], from = 0) => (units.at(-1)?.end ?? 0) - (units[from]?.start ?? 0);
const isOnlyHeadings = (units: readonly Unit[]) => units.every(({ isHeading }) => isHeading);
const isPair = (units: readonly Unit[]) => units[0]?.isPair === true;

/** Units between two places where passages part; a part too small to be a passage joins its neighbour. */
function partUnits(units: readonly Unit[]): Unit[][] {
  const whole: Unit[][] = [];
  for (const unit of units) {
    if (unit.startsPart || whole.length === 0) whole.push([unit]);
    else whole.at(-1)?.push(unit);
  }
  const joined: Unit[][] = [];
  for (const part of whole) {
    const last = joined.at(-1);
    const isSmall =
      last !== undefined &&
      (isOnlyHeadings(last) ||
        lengthOf(last) < minimumPassageCharacters ||
        lengthOf(part) < minimumPassageCharacters);
    if (isSmall && !isPair(last) && !isPair(part)) for (const unit of part) last.push(unit);
    else joined.push(part);
  }
  return joined;
}

/** Where the passage that begins at unit `first` ends (exclusive), as near to `wanted` characters as sentences allow. */
function endOfPassage(units: readonly Unit[], first: number, wanted: number): number {
  const start = units[first]?.start ?? 0;
  const sizeAt = (index: number) => (units[index]?.end ?? Infinity) - start;
  let next = first + 1;
  while (next < units.length && sizeAt(next) <= maximumPassageCharacters) {
    const before = wanted - sizeAt(next - 1);
    const after = sizeAt(next) - wanted;
    if (after > 0 && after > before) break;
    next += 1;
  }
  // A heading at the end heads what follows.
  let end = next;
  while (end < units.length && end - 1 > first && units[end - 1]?.isHeading === true) end -= 1;
  return end;
}

/** The unit at which the next passage begins, so that it repeats about `overlapCharacters` of whole sentences. */
function startOfNext(units: readonly Unit[], first: number, end: number): number {
  let next = end;
  const boundary = units[end]?.start ?? 0;
  const reach = (index: number) => boundary - (units[index]?.start ?? 0);
  const room = maximumPassageCharacters - ((units[end]?.end ?? boundary) - boundary);
  while (next - 1 > first && reach(next - 1) <= Math.min(overlapCharacters * 1.25, room)) next -= 1;
  return next;
}

/** Length of the next passage so that what remains divides evenly. */
function wantedLength(remaining: number): number {
  if (remaining <= targetPassageCharacters * 1.2) return remaining;
  const step = targetPassageCharacters - overlapCharacters;
  const count = Math.ceil((remaining - overlapCharacters) / step);
  return (remaining + (count - 1) * overlapCharacters) / count;
}

function packPart(units: readonly Unit[]): Unit[][] {
  if (isPair(units)) return [[...units]];
  const passages: Unit[][] = [];
  let first = 0;
  while (first < units.length) {
    const end = endOfPassage(units, first, wantedLength(lengthOf(units, first)));
    passages.push(units.slice(first, end));
    if (end >= units.length) break;
    first = startOfNext(units, first, end);
  }
  return passages;
}

/**
 * Groups units into passages: each near the target length, beginning at headings, pages and pairs, repeating some
 * sentences of the one before it inside the same part.
 */
export function packUnits(units: readonly Unit[]): Unit[][] {
  return partUnits(units).flatMap(packPart);
}
