import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { IndexablePassage } from '../src/server/retrieval/passage-index.ts';
import { splitPassages } from '../src/server/retrieval/split-passages.ts';
import { splitSentences } from '../src/server/retrieval/split-sentences.ts';

export type CollectedPassages = {
  passages: IndexablePassage[];
  /** Passages that the splitter made of different text; the rest are windows over the same text at other places. */
  naturalCount: number;
  folders: string[];
};

const defaultFolders = ['node_modules', '/usr/share/doc', '/usr/lib/node_modules'];
const isDocumentation = /(?:\.(?:md|markdown|rst|txt)|^readme[^/]*|^copyright|^changelog)$/iu;
const largestFileBytes = 2 * 1024 * 1024;
const windowCharacters = 1_500;

async function* walk(folder: string): AsyncIterable<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile() && isDocumentation.test(entry.name)) yield path;
  }
}

/** Texts of the documentation files below the folders, each once; binary ones and giants are left out. */
async function* readTexts(folders: readonly string[]): AsyncIterable<{ title: string; text: string }> {
  const seen = new Set<string>();
  for (const folder of folders) {
    for await (const path of walk(folder)) {
      const { size } = await stat(path);
      if (size < 300 || size > largestFileBytes) continue;
      const text = await readFile(path, 'utf8');
      const key = `${text.length}:${text.slice(0, 400)}`;
      if (seen.has(key) || text.includes('\u0000')) continue;
      seen.add(key);
      yield { title: basename(path), text };
    }
  }
}

/** Windows over a text that begin where the splitter's passages do not, to stretch a small collection. */
function listWindows(text: string, step: number): string[] {
  const windows: string[] = [];
  for (let start = step; start + windowCharacters < text.length; start += step) {
    windows.push(text.slice(start, start + windowCharacters));
  }
  return windows;
}

/**
 * Passages of real documentation found on this machine (or below `corpusFolder`), for measuring at a natural
 * distribution of words. When there is too little text, overlapping windows of it fill up to `wanted`.
 */
export async function collectPassages(options: {
  wanted: number;
  corpusFolder?: string;
}): Promise<CollectedPassages> {
  const { wanted, corpusFolder } = options;
  const folders = corpusFolder === undefined ? defaultFolders : [corpusFolder];
  const passages: IndexablePassage[] = [];
  const texts: { documentId: number; title: string; text: string }[] = [];
  const add = (source: { documentId: number; title: string }, text: string) => {
    passages.push({ ...source, id: passages.length + 1, namespace: 'bench', headingPath: [], text });
  };
  for await (const { title, text } of readTexts(folders)) {
    if (passages.length >= wanted) break;
    const source = { documentId: texts.length + 1, title };
    texts.push({ ...source, text });
    const blocks = [{ start: 0, end: text.length, kind: 'prose' as const }];
    for (const draft of splitPassages({ format: 'text', text, blocks, warnings: [] }))
      add(source, draft.text);
  }
  const naturalCount = Math.min(passages.length, wanted);
  const characters = texts.reduce((sum, { text }) => sum + text.length, 0);
  const step = Math.max(40, Math.floor((characters / Math.max(1, wanted - naturalCount)) * 0.8));
  for (const { text, ...source } of texts) {
    if (passages.length >= wanted) break;
    for (const window of listWindows(text, step)) add(source, window);
  }
  return { passages: passages.slice(0, wanted), naturalCount, folders };
}

/** Seeded numbers from 0 to 1 (mulberry32), so that every run asks the same. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Questions of 5 to 14 words as a user would type them: stretches of real sentences behind a question's opening. */
export function listQuestions(passages: readonly IndexablePassage[], count: number): string[] {
  const random = createRandom(7);
  const openings = [
    'How do I',
    'What is',
    'Why does',
    'When should I',
    'Where can I find',
    'Can you explain',
  ];
  const questions: string[] = [];
  while (questions.length < count) {
    const text = passages[Math.floor(random() * passages.length)]?.text ?? '';
    const sentences = splitSentences(text).map(({ start, end }) => text.slice(start, end));
    const sentence = sentences[Math.floor(random() * sentences.length)] ?? '';
    const words = sentence.match(/[\p{L}][\p{L}'-]+/gu) ?? [];
    if (words.length < 6) continue;
    const length = 3 + Math.floor(random() * 9);
    const start = Math.floor(random() * Math.max(1, words.length - length));
    const opening = openings[Math.floor(random() * openings.length)] ?? '';
    questions.push(`${opening} ${words.slice(start, start + length).join(' ')}?`);
  }
  return questions;
}
