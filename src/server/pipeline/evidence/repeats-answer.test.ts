import { describe, expect, it } from 'vitest';

import { repeatsAnswer } from './repeats-answer.ts';

describe('repeatsAnswer', () => {
  const answers = ['Here it is.\n\nSit on a firm chair. [1] Breathe  out slowly. [1]'];

  it('should know a sentence that was said, however it was spaced', () => {
    expect(repeatsAnswer('Breathe out\nslowly.', answers)).toBe(true);
  });

  it('should let pass what is new, and everything when nothing was said', () => {
    expect(repeatsAnswer('Stand up.', answers)).toBe(false);
    expect(repeatsAnswer('Sit on a firm chair.', [])).toBe(false);
  });
});
