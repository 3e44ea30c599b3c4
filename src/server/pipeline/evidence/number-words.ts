const words: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
  hundred: 100,
  thousand: 1000,
  million: 1_000_000,
  billion: 1_000_000_000,
  dozen: 12,
  half: 0.5,
  twice: 2,
  once: 1,
  double: 2,
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
};

/** The value of a folded number word or of digits ("ten", "1,500", "21st"); undefined for other words. */
export function numberOf(word: string): number | undefined {
  const spelled = Object.hasOwn(words, word) ? words[word] : undefined;
  if (spelled !== undefined) return spelled;
  if (!/^\d/u.test(word)) return undefined;
  const value = Number.parseFloat(word.replaceAll(/,(?=\d{3})/gu, ''));
  return Number.isNaN(value) ? undefined : value;
}
