import { describe, expect, it } from 'vitest';

import type { Source } from '../../../shared/messages.ts';
import { copiedAnswer } from './copied-answer.ts';

const source: Source = {
  marker: 1,
  title: 'Building a Sitting Habit',
  url: null,
  youtube_url: null,
  timestamp: null,
  page: 2,
  document_id: 4,
  version: 1,
  passage_id: 9,
  namespace: 'meditation',
  quote: 'Sit down.',
  score: 1,
};

describe('copiedAnswer', () => {
  it('should say what each marker stands for', () => {
    const talk = {
      ...source,
      marker: 2,
      title: 'A Talk',
      page: null,
      timestamp: '1:05',
      url: 'https://example.org/talk',
    };
    expect(copiedAnswer({ content: 'Sit down [1], breathe [2].\n', sources: [source, talk] })).toBe(
      [
        'Sit down [1], breathe [2].',
        '',
        'Sources',
        '[1] Building a Sitting Habit, Page 2',
        '[2] A Talk, At 1:05, https://example.org/talk',
      ].join('\n'),
    );
  });

  it('should copy an answer without sources alone, and no address of another kind', () => {
    expect(copiedAnswer({ content: 'Hello. ', sources: [] })).toBe('Hello.');
    const odd = { ...source, url: 'javascript:alert(1)' };
    expect(copiedAnswer({ content: 'Yes [1].', sources: [odd] })).not.toContain('javascript');
  });
});
