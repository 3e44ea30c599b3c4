import { describe, expect, it } from 'vitest';

import { assertUploadSize, maximumUploadBytes } from './assert-upload-size.ts';

describe('assertUploadSize', () => {
  it('should accept a file of exactly the limit', () => {
    expect(() => assertUploadSize(maximumUploadBytes)).not.toThrow();
  });

  it('should name the size and the limit when the file is one byte too large', () => {
    expect(() => assertUploadSize(maximumUploadBytes + 1)).toThrow(
      expect.objectContaining({
        code: 'payload_too_large',
        message: expect.stringMatching(/10\.01 MB.*10 MB/),
      }),
    );
  });
});
