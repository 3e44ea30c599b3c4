import { stemmer as stemEnglish } from '@orama/stemmers/english';

import { unifyEnglishForm } from './english-word-forms.ts';
import { foldWord } from './fold-word.ts';
import { loadStemmer, type Stemmer, type StemmerLanguage } from './load-stemmer.ts';
import type { TextRange } from './split-sentences.ts';
import { englishStopWords } from './stop-words.ts';

/** Raised whenever the same text would give other terms, because an index holds terms. */
export const ANALYSER_VERSION = 1;

/** One indexable word of a text. */
export type Token = {
  /** What is matched: folded and stemmed. */
  term: string;
  /** Folded surface form, not stemmed. */
  word: string;
  /** Character range in the analysed text, UTF-16 code units, end exclusive. */
  start: number;
  end: number;
  /** Ordinal of the word in the text; the joined form of a hyphenated word shares its first part's. */
  position: number;
  /** Whether it carries no topic (`the`, `how`); such words are not indexed. */
  isStopWord: boolean;
  /** Whether it is the joined form (`selfdefence`) beside the parts of a hyphenated word. */
  isJoined: boolean;
};

type WordForm = { term: string; word: string; isStopWord: boolean };

export type Analyser = {
  /** Every word of a text, stop words included, in order. */
  analyseText(text: string): Token[];
  /** The terms of a text in order, repeated as they occur, without stop words. */
  listTerms(text: string): string[];
  /** Calls `visit(term, position)` for each indexable term; the allocation-free way for bulk indexing. */
  visitTerms(text: string, visit: (term: string, position: number) => void): void;
};

type Visit = (
  form: WordForm,
  place: { start: number; end: number; position: number; isJoined: boolean },
) => void;

const wordPattern =
  /[\p{Script=Han}々〆]+|\p{Script=Hiragana}+|[\p{Script=Katakana}ー]+|[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+|\p{Nd}+(?:[.,:]\p{Nd}+)*|(?:\p{L}\.){2,}(?!\p{L})|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’ʼ＇][\p{L}\p{M}\p{N}]+)*/gu;
const unspacedScript =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}々〆ー]/u;
const cachedWords = 60_000;
const longestWord = 64;

/** Cuts a run of an unspaced script into overlapping pairs of characters; a run of one stays as it is. */
function pairsOf(run: string): { text: string; offset: number }[] {
  const characters = Array.from(run);
  if (characters.length === 1) return [{ text: run, offset: 0 }];
  let offset = 0;
  return characters.slice(0, -1).map((character, index) => {
    const pair = { text: character + (characters[index + 1] ?? ''), offset };
    offset += character.length;
    return pair;
  });
}

// A slice of a long text keeps all of it in memory, so what a cache keeps is copied.
function copyString(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function createFormReader(options: {
  stem: Stemmer;
  unify: (word: string) => string;
  stopWords: ReadonlySet<string>;
}) {
  const cache = new Map<string, WordForm>();
  return (surface: string): WordForm => {
    const known = cache.get(surface);
    if (known !== undefined) return known;
    const isAcronym = surface.includes('.') && !/^\p{Nd}/u.test(surface);
    const word = foldWord(copyString(surface.slice(0, longestWord)));
    const isNumber = /\d/u.test(word);
    const form = {
      word,
      term: isNumber || word.length < 3 ? word : options.stem(options.unify(word)),
      isStopWord: !isAcronym && options.stopWords.has(word),
    };
    if (cache.size >= cachedWords) cache.clear();
    cache.set(copyString(surface), form);
    return form;
  };
}

const isPlain = Uint8Array.from({ length: 128 }, (_, code) =>
  /[a-z0-9]/i.test(String.fromCharCode(code)) ? 1 : 0,
);
/** Hyphen-minus, hyphen and non-breaking hyphen. */
const isHyphen = (code: number) => code === 0x2d || code === 0x2010 || code === 0x2011;
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/** Whether the pattern could take more than the plain run before this character, or the run may be an acronym. */
function mayContinue(code: number, length: number): boolean {
  return code > 0x7f || code === 0x27 || (code === 0x2e && length === 1);
}

/** Finds the words of a text by `wordPattern`; runs of plain letters, which most are, are found without it. */
function createWordFinder(text: string): (from: number) => TextRange | undefined {
  const pattern = new RegExp(wordPattern);
  return (from) => {
    let start = from;
    while (start < text.length && isPlain[text.charCodeAt(start)] === 0) start += 1;
    if (start >= text.length) return undefined;
    let end = start;
    while (isPlain[text.charCodeAt(end)] === 1) end += 1;
    const next = text.charCodeAt(end);
    if (end > start && !isDigit(text.charCodeAt(start)) && !mayContinue(next, end - start))
      return { start, end };
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
  };
}

function visitWords(text: string, options: { formOf: (surface: string) => WordForm; visit: Visit }): void {
  const { formOf, visit } = options;
  let position = 0;
  // One object for all plain words: an index reads millions of them and keeps none.
  const place = { start: 0, end: 0, position: 0, isJoined: false };
  let chain: { start: number; end: number; position: number; surface: string; parts: number } | undefined;
  const closeChain = () => {
    if (chain !== undefined && chain.parts > 1 && chain.parts <= 4) {
      visit(formOf(chain.surface), {
        start: chain.start,
        end: chain.end,
        position: chain.position,
        isJoined: true,
      });
    }
    chain = undefined;
  };
  const nextWord = createWordFinder(text);
  for (let found = nextWord(0); found !== undefined; found = nextWord(found.end)) {
    const { start, end } = found;
    const surface = text.slice(start, end);
    const isContinued =
      chain !== undefined && start === chain.end + 1 && isHyphen(text.charCodeAt(chain.end));
    if (!isContinued) closeChain();
    if (surface.charCodeAt(0) > 0x0dff && unspacedScript.test(surface)) {
      for (const pair of pairsOf(surface)) {
        const from = start + pair.offset;
        visit(formOf(pair.text), { start: from, end: from + pair.text.length, position, isJoined: false });
        position += 1;
      }
      continue;
    }
    const form = formOf(surface);
    place.start = start;
    place.end = end;
    place.position = position;
    visit(form, place);
    if (chain !== undefined && isContinued) {
      chain = { ...chain, end, surface: chain.surface + surface, parts: chain.parts + 1 };
    } else if (isHyphen(text.charCodeAt(end))) {
      chain = { start, end, position, surface, parts: 1 };
    }
    position += 1;
  }
  closeChain();
}

function buildAnalyser(options: Parameters<typeof createFormReader>[0]): Analyser {
  const formOf = createFormReader(options);
  const visitTerms: Analyser['visitTerms'] = (text, visit) => {
    visitWords(text, {
      formOf,
      visit: (form, place) => {
        if (!form.isStopWord && form.term !== '') visit(form.term, place.position);
      },
    });
  };
  return {
    visitTerms,
    analyseText(text) {
      const tokens: Token[] = [];
      visitWords(text, { formOf, visit: (form, place) => tokens.push({ ...form, ...place }) });
      return tokens;
    },
    listTerms(text) {
      const terms: string[] = [];
      visitTerms(text, (term) => terms.push(term));
      return terms;
    },
  };
}

const english = buildAnalyser({ stem: stemEnglish, unify: unifyEnglishForm, stopWords: englishStopWords });

/**
 * The analyser of a language: NFKC, case and diacritics folding, Snowball stems. Stop words and irregular forms are
 * known for English only; elsewhere the idf of frequent words does their work. English is loaded at once, others lazily.
 */
export async function loadAnalyser(language: StemmerLanguage): Promise<Analyser> {
  if (language === 'english') return english;
  return buildAnalyser({ stem: await loadStemmer(language), unify: (word) => word, stopWords: new Set() });
}

/** Every word of an English or mixed text with its term and range; unspaced scripts come as pairs of characters. */
export function analyseText(text: string): Token[] {
  return english.analyseText(text);
}

/** The index terms of an English or mixed text, in order, repeated as they occur, stop words left out. */
export function listTerms(text: string): string[] {
  return english.listTerms(text);
}
