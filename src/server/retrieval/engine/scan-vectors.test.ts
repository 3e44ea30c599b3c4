import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadAnalyser } from '../analyse-text.ts';
import { decodeSegment } from './decode-segment.ts';
import { loadSegment } from './loaded-segment.ts';
import { scanVectors } from './scan-vectors.ts';
import { createSegmentBuilder } from './segment-builder.ts';
import { createSignScanner } from './sign-scanner.ts';

const analyser = await loadAnalyser('english');

describe('scanVectors', () => {
  it('should order by cosine as exact arithmetic does and leave out ineligible passages and those without a vector', () => {
    const dimension = 48;
    const component = fc.double({ min: -1, max: 1, noNaN: true });
    const vector = fc
      .array(component, { minLength: dimension, maxLength: dimension })
      .map((list) => Float32Array.from(list));
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1, maxLength: 20 }), vector, (vectors, question) => {
        const builder = createSegmentBuilder({ analyser, dimension });
        const blank = { namespace: 'n', title: '', headingPath: [], text: 'word' };
        for (const [at, vector] of vectors.entries())
          builder.add({ ...blank, id: at, documentId: at, vector });
        builder.add({ ...blank, id: 99, documentId: 99 });
        const loaded = loadSegment({
          id: 1,
          segment: decodeSegment(builder.finish()),
          deletedIds: new Set(),
        });
        const scanner = createSignScanner(dimension);
        scanner.load([loaded.signs]);
        const eligible = new Uint8Array(vectors.length + 1).fill(1);
        eligible[0] = 0;
        const found = scanVectors([loaded], {
          vector: question,
          scanner,
          eligible,
          rescored: 100,
          limit: 100,
        });
        expect(found.every(({ passage }) => passage > 0 && passage < vectors.length)).toBe(true);
        for (const { passage, cosine } of found) {
          const other = vectors[passage] ?? new Float32Array(dimension);
          const dot = other.reduce((sum, value, at) => sum + value * (question[at] ?? 0), 0);
          expect(cosine).toBeCloseTo(dot / (Math.hypot(...other) * Math.hypot(...question)), 1);
        }
      }),
    );
  });
});
