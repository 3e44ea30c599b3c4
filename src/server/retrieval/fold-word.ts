const lettersWithoutDecomposition: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
};
const plainAscii = /^[a-z0-9]+$/;
// Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowel signs and tatweel; Indic vowel signs are letters.
const foldedMarks = /[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]/gu;

/**
 * A word as it is compared: NFKC, lower case, without diacritics, possessive `'s`, elided articles (`l'eau`), inner
 * apostrophes, dots of acronyms and thousands separators; a decimal keeps its point.
 */
export function foldWord(surface: string): string {
  const lower = surface.toLowerCase();
  if (plainAscii.test(lower)) return lower;
  const plain = lower
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(foldedMarks, '')
    .normalize('NFC')
    .replace(/[ßæœøđðþłħıŋς]/gu, (letter) =>
      letter === 'ς' ? 'σ' : (lettersWithoutDecomposition[letter] ?? letter),
    );
  if (/^\p{Nd}/u.test(plain)) return plain.replace(/,(?=\p{Nd}{3}(?!\p{Nd}))/gu, '');
  return plain
    .replace(/[’ʼ＇]/gu, "'")
    .replace(/^(?:[cdjlmnst]|qu|dell|nell|sull|all|un)'(?=\p{L}{3,})/u, '')
    .replace(/'s?$/u, '')
    .replace(/'s$/u, '')
    .replace(/['.]/gu, '');
}
