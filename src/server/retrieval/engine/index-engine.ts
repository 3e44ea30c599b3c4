import type { Analyser } from '../analyse-text.ts';
import type { PassageIndexStatistics, PassageQuery, PassageSearchResult } from '../passage-index.ts';
import { decodeSegment } from './decode-segment.ts';
import { type LoadedSegment, loadSegment } from './loaded-segment.ts';
import { defaultRanking, type RankingParameters } from './ranking-parameters.ts';
import { buildScope, type Scope } from './scope.ts';
import { createSegmentSearcher } from './search-segments.ts';
import type { Segment } from './segment.ts';
import { createSignScanner } from './sign-scanner.ts';

const cachedScopes = 8;

export type SegmentSummary = { id: number; passageCount: number; deletedCount: number; sizeBytes: number };

export type IndexEngine = {
  /** Adds a stored segment. Passages that were marked deleted before stay so. */
  load(id: number, bytes: Uint8Array): void;
  drop(ids: readonly number[]): void;
  markDeleted(passageIds: readonly number[]): void;
  search(query: PassageQuery): PassageSearchResult;
  listSegments(): SegmentSummary[];
  /** A loaded segment with which of its passages are live, for merging. */
  readSegment(id: number): { segment: Segment; live: Uint8Array } | undefined;
  statistics(): PassageIndexStatistics;
};

/**
 * The embedded search engine: immutable segments in memory, deleted passages marked, every eligible posting of a
 * question scored. Holds no thread, file or database; see `index-worker.ts` for its home.
 */
export function createIndexEngine(options: {
  analyser: Analyser;
  /** Length of the vectors; 0 (the default) searches by words only. */
  dimension?: number;
  parameters?: Partial<RankingParameters>;
}): IndexEngine {
  const { dimension = 0 } = options;
  const parameters = { ...defaultRanking, ...options.parameters };
  const search = createSegmentSearcher({ analyser: options.analyser, parameters });
  const scanner = dimension > 0 ? createSignScanner(dimension) : undefined;
  const deletedIds = new Set<number>();
  const scopes = new Map<string, Scope>();
  let segments: LoadedSegment[] = [];

  const renumber = () => {
    segments.sort((left, right) => left.id - right.id);
    let base = 0;
    for (const loaded of segments) {
      loaded.base = base;
      base += loaded.segment.passageCount;
    }
    scopes.clear();
    scanner?.load(segments.map(({ signs }) => signs));
  };

  const scopeOf = (namespaces: readonly string[]): Scope => {
    const distinct = new Set(namespaces);
    const key = JSON.stringify([...distinct].sort());
    const known = scopes.get(key);
    if (known !== undefined) return known;
    const scope = buildScope(segments, {
      namespaces: distinct,
      lengthNormalisation: parameters.lengthNormalisation,
    });
    if (scopes.size >= cachedScopes) scopes.delete(scopes.keys().next().value ?? '');
    scopes.set(key, scope);
    return scope;
  };

  const markInSegments = (passageIds: readonly number[]) => {
    const wanted = new Set(passageIds);
    for (const loaded of segments) {
      const { segment, live } = loaded;
      for (const [local, passageId] of wanted.size > 8
        ? segment.passageIds.entries()
        : locate(segment, wanted)) {
        if (live[local] === 0 || !wanted.has(passageId)) continue;
        live[local] = 0;
        loaded.deletedCount += 1;
      }
    }
  };

  return {
    load(id, bytes) {
      const segment = decodeSegment(bytes);
      if (segment.dimension !== dimension) {
        throw new RangeError(
          `Segment ${id} holds vectors of ${segment.dimension} numbers, not ${dimension}.`,
        );
      }
      const loaded = loadSegment({ id, segment, deletedIds });
      segments = [...segments.filter((candidate) => candidate.id !== id), loaded];
      renumber();
    },
    drop(ids) {
      const dropped = new Set(ids);
      segments = segments.filter(({ id }) => !dropped.has(id));
      renumber();
    },
    markDeleted(passageIds) {
      const fresh = passageIds.filter((id) => !deletedIds.has(id));
      if (fresh.length === 0) return;
      for (const id of fresh) deletedIds.add(id);
      markInSegments(fresh);
      scopes.clear();
    },
    search: (query) => {
      const { vector } = query;
      if (vector !== undefined && dimension > 0 && vector.length !== dimension) {
        throw new RangeError(`The question's vector has ${vector.length} numbers, not ${dimension}.`);
      }
      return search(query, { segments, scope: scopeOf(query.namespaces), scanner });
    },
    listSegments: () =>
      segments.map(({ id, segment, deletedCount }) => ({
        id,
        passageCount: segment.passageCount,
        deletedCount,
        sizeBytes: segment.byteLength,
      })),
    readSegment(id) {
      const loaded = segments.find((candidate) => candidate.id === id);
      return loaded === undefined ? undefined : { segment: loaded.segment, live: loaded.live };
    },
    statistics: () => ({
      passages: segments.reduce(
        (sum, { segment, deletedCount }) => sum + segment.passageCount - deletedCount,
        0,
      ),
      deleted: segments.reduce((sum, { deletedCount }) => sum + deletedCount, 0),
      segments: segments.length,
      terms: segments.reduce((sum, { segment }) => sum + segment.termCount, 0),
      bytes: segments.reduce((sum, { segment }) => sum + segment.byteLength, 0),
    }),
  };
}

/** The few wanted passages of a segment, by the typed array's own search. */
function* locate(segment: Segment, wanted: ReadonlySet<number>): Iterable<[number, number]> {
  for (const passageId of wanted) {
    const local = segment.passageIds.indexOf(passageId);
    if (local >= 0) yield [local, passageId];
  }
}
