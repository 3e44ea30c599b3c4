import { isIP } from 'node:net';

/**
 * The network of an address, as the audit log keeps it: the first 24 bits of IPv4 and the first 48 of IPv6, enough to
 * see where attempts come from and too little to name a household. Mapped IPv4 (`::ffff:192.0.2.7`) counts as IPv4.
 * @returns CIDR text such as `192.0.2.0/24` or `2001:db8:1::/48`; null for what is not an address
 */
export function truncateAddress(address: string): string | null {
  const plain = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
  if (isIP(mapped) === 4) return `${mapped.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(plain) !== 6) return null;
  const groups = expand(plain).slice(0, 3);
  while (groups.at(-1) === '0') groups.pop();
  return `${groups.join(':')}::/48`;
}

/** The eight groups of an IPv6 address without leading zeros (RFC 5952, 4.1). */
function expand(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after].map(
    (group) => group.replace(/^0+(?=.)/, '') || '0',
  );
}
