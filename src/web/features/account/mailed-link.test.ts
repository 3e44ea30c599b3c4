import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { linkPageOf, tokenOfHash } from './mailed-link.ts';

describe('linkPageOf', () => {
  it('should know the pages of mails, with or without a slash at the end', () => {
    expect(linkPageOf('/app/verify')).toBe('verify');
    expect(linkPageOf('/app/reset/')).toBe('reset');
    expect(linkPageOf('/app/register')).toBe('register');
  });

  it('should leave every other path to the chat', () => {
    for (const path of ['/', '/app', '/app/verify/more', '/verify', '/app/constructor', '/setup']) {
      expect(linkPageOf(path)).toBeNull();
    }
  });
});

describe('tokenOfHash', () => {
  it('should read whatever token a mail carries', () => {
    const token = fc.stringMatching(/^[\w-]{1,60}$/u);
    fc.assert(fc.property(token, (value) => tokenOfHash(`#token=${value}`) === value));
  });

  it('should miss an incomplete link', () => {
    for (const hash of ['', '#', '#token', '#token=', '#token=%20', '#question']) {
      expect(tokenOfHash(hash)).toBeNull();
    }
  });
});
