import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseRange } from './files-routes.ts';

describe('parseRange', () => {
  it('should give bytes inside the file, or say that there are none', () => {
    const headers = fc.oneof(
      fc.tuple(fc.nat(50), fc.nat(50)).map(([first, last]) => `bytes=${first}-${last}`),
      fc.nat(50).map((first) => `bytes=${first}-`),
      fc.nat(50).map((suffix) => `bytes=-${suffix}`),
      fc.string(),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(headers, fc.nat(40), (header, size) => {
        const range = parseRange(header, size);
        if (range === undefined || range === 'unsatisfiable') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.start).toBeLessThanOrEqual(range.end);
        expect(range.end).toBeLessThan(size);
      }),
    );
  });

  it('should read digits beyond any file as the end of it', () => {
    expect(parseRange('bytes=0-99999999999999999999999', 10)).toEqual({ start: 0, end: 9 });
    expect(parseRange('bytes=99999999999999999999999-', 10)).toBe('unsatisfiable');
    expect(parseRange('bytes=-99999999999999999999999', 10)).toEqual({ start: 0, end: 9 });
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  });
});
