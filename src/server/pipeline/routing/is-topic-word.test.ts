import { describe, expect, it } from 'vitest';

import { isTopicWord } from './is-topic-word.ts';

describe('isTopicWord', () => {
  it.each(['rice', 'Chi', '坐禅'])('should let %s carry a topic', (word) => {
    expect(isTopicWord(word)).toBe(true);
  });

  it.each(['the', 'ok', '2026', 'b12'])('should pass over %s', (word) => {
    expect(isTopicWord(word)).toBe(false);
  });
});
