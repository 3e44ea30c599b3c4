const SPARSE_CHARACTERS_PER_PAGE = 100;
const LONGEST_WORD = 200;
const FEWEST_LETTERS = 5;

/**
 * What a curator should know of the text of a PDF: `meaningless` when it is long runs of a few characters, as fillers
 * and broken fonts leave; `sparse` when pages are likely images with a caption.
 * @param text all text of the document
 * @param pageCount pages of the document
 */
export function judgeTextLayer(text: string, pageCount: number): 'words' | 'sparse' | 'meaningless' {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const filler = words.filter((word) => word.length > LONGEST_WORD && new Set(word).size < FEWEST_LETTERS);
  const fillerLength = filler.reduce((sum, word) => sum + word.length, 0);
  if (fillerLength > text.length / 2) return 'meaningless';
  return text.length < SPARSE_CHARACTERS_PER_PAGE * pageCount ? 'sparse' : 'words';
}
