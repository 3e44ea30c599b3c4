import { describe, expect, it } from 'vitest';

import { extractKeyTerms } from './extract-key-terms.ts';

const texts = [
  {
    namespace: 'sea',
    text: 'The harbour and the sail. A sail in the harbour wind. The day was long, the day was kind.',
  },
  {
    namespace: 'hill',
    text: 'The summit and the rope. A rope near the summit path. The day was long, the day was kind.',
  },
];

describe('extractKeyTerms', () => {
  it('should list the words that tell a namespace from the others', () => {
    const [sea, hill] = extractKeyTerms(texts, 2);
    expect(sea?.toSorted()).toEqual(['harbour', 'sail']);
    expect(hill?.toSorted()).toEqual(['rope', 'summit']);
  });

  it('should leave out stop words and words that stand everywhere', () => {
    expect(extractKeyTerms(texts, 50).flat()).not.toEqual(expect.arrayContaining(['the']));
    expect(extractKeyTerms(texts, 50).flat()).not.toContain('day');
  });

  it('should answer one list a text, empty for an empty one', () => {
    expect(extractKeyTerms([{ namespace: 'sea', text: '' }], 5)).toEqual([[]]);
    expect(extractKeyTerms([], 5)).toEqual([]);
  });
});
