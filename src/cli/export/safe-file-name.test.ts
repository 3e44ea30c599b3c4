import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { safeFileName } from './safe-file-name.ts';

const nameOf = (name: string) => safeFileName(name, new Set());

describe('safeFileName', () => {
  it.each([
    ['talk.md', 'talk.md'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system.ini', 'system.ini'],
    ['..', 'document'],
    ['/', 'document'],
    ['.ssh', 'ssh'],
    ['what?.md', 'what-.md'],
    ['CON.txt', 'CON-.txt'],
    ['line\nbreak.md', 'linebreak.md'],
    ['\u202Efdp.exe.md', 'fdp.exe.md'],
    ['瞑想.md', '瞑想.md'],
  ])('should make of %j the name %j', (name, expected) => {
    expect(nameOf(name)).toBe(expected);
  });

  it('should number names that differ in case only, and leave reserved ones alone', () => {
    const taken = new Set(['documents.yaml']);
    const names = ['Talk.md', 'talk.md', 'TALK.md', 'documents.yaml'].map((name) =>
      safeFileName(name, taken),
    );
    expect(names).toEqual(['Talk.md', 'talk-2.md', 'TALK-3.md', 'documents-2.yaml']);
  });

  it('should name a file in the folder itself, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 6 }), (given) => {
        const taken = new Set<string>();
        const names = given.map((name) => safeFileName(name, taken));
        for (const name of names) {
          expect(name).toMatch(/^[^/\\\p{Cc}]+$/u);
          expect(name).not.toMatch(/^\.|[. ]$/);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
        }
        expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(given.length);
      }),
    );
  });
});
