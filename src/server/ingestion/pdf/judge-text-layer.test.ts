import { describe, expect, it } from 'vitest';

import { judgeTextLayer } from './judge-text-layer.ts';

describe('judgeTextLayer', () => {
  it('should take ordinary pages for words, whatever the script', () => {
    expect(judgeTextLayer('Sit upright and count each breath to ten. '.repeat(10), 1)).toBe('words');
    expect(judgeTextLayer('静坐時先數呼吸從一數到十然後重新開始'.repeat(30), 1)).toBe('words');
  });

  it('should see through runs of one character', () => {
    expect(judgeTextLayer('a'.repeat(5_000), 1)).toBe('meaningless');
    expect(judgeTextLayer(`Title\n${'ab'.repeat(2_000)}`, 1)).toBe('meaningless');
  });

  it('should notice pages with hardly any text', () => {
    expect(judgeTextLayer('Figure 1', 1)).toBe('sparse');
    expect(judgeTextLayer('One full page of text. '.repeat(20), 40)).toBe('sparse');
  });
});
