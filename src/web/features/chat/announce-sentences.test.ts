import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { takeSentences } from './announce-sentences.ts';

describe('takeSentences', () => {
  it('should wait for the end of a sentence and leave out its markers', () => {
    expect(takeSentences({ content: 'Sit do', from: 0, isComplete: false })).toEqual({ text: '', next: 0 });
    const content = 'Sit down. [1] Breathe **slowly**. [2][3] An';
    expect(takeSentences({ content, from: 0, isComplete: false }).text).toBe('Sit down. Breathe slowly.');
  });

  it('should take the rest when the answer is complete', () => {
    const content = 'Sit down. Breathe';
    const { next } = takeSentences({ content, from: 0, isComplete: false });
    expect(takeSentences({ content, from: next, isComplete: true })).toEqual({ text: 'Breathe', next: 17 });
  });

  it('should say every word once and in order, however the text grows', () => {
    const words = fc.array(fc.stringMatching(/^[a-zé]{1,5}[.!?]?$/u), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (parts, steps) => {
        const content = parts.join(' ');
        const said: string[] = [];
        let from = 0;
        let length = 0;
        for (let index = 0; length < content.length; index += 1) {
          length += steps[index % steps.length] ?? 1;
          const isComplete = length >= content.length;
          const taken = takeSentences({ content: content.slice(0, length), from, isComplete });
          if (taken.text !== '') said.push(taken.text);
          if (!isComplete && taken.text !== '') expect(taken.text).toMatch(/[.!?]$/u);
          from = taken.next;
        }
        expect(said.join(' ')).toBe(content);
      }),
    );
  });
});
