import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { truncateAddress } from './truncate-address.ts';

describe('truncateAddress', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:0DB8:0001::7', '2001:db8:1::/48'],
    ['2001:db8::7', '2001:db8::/48'],
    ['fe80::1%eth0', 'fe80::/48'],
    ['::1', '::/48'],
    ['not an address', null],
    ['', null],
  ])('should keep of %s only %s', (address, expected) => {
    expect(truncateAddress(address)).toBe(expected);
  });

  it('should be the same for all addresses of a network', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(255), (address, host) => {
        const neighbour = address.replace(/\d+$/, String(host));
        expect(truncateAddress(neighbour)).toBe(truncateAddress(address));
      }),
    );
  });
});
