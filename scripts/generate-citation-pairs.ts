import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { readTokens } from '../src/server/pipeline/evidence/read-sentences.ts';
import { splitSentences } from '../src/server/retrieval/split-sentences.ts';

/**
 * Writes eval/citations/pairs.jsonl: passages with sentences that are quoted, paraphrased, or made wrong in one of
 * four ways, from eval/citations/texts.jsonl, the sample knowledge and the hand-written eval/citations/paraphrases.jsonl.
 * Run: node scripts/generate-citation-pairs.ts. The seed is fixed, so that a second run writes the same file.
 */
type Kind = 'supported' | 'paraphrased' | 'number_changed' | 'negated' | 'entity_swapped' | 'invented';
type Pair = { passage: string; sentence: string; kind: Kind };
type Text = { text: string; names: string[] };

const folder = 'eval/citations';
let state = 20261121;

/** Park and Miller's generator: a number below `limit`. */
function draw(limit: number): number {
  state = (state * 48271) % 2147483647;
  return state % limit;
}

function readLines<Row>(file: string): Row[] {
  return readFileSync(path.join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** Paragraphs of the sample knowledge with at least two sentences. */
function readKnowledge(): string[] {
  const root = 'personas/herman/knowledge';
  const files = readdirSync(root).flatMap((namespace) =>
    readdirSync(path.join(root, namespace))
      .filter((file) => file.endsWith('.md'))
      .map((file) => path.join(root, namespace, file)),
  );
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n\n')
      .filter((block) => !/^[#\-\d]/u.test(block) && splitSentences(block).length > 1),
  );
}

function sentencesOf(text: string): string[] {
  return splitSentences(text).map((range) => text.slice(range.start, range.end));
}

const auxiliary = /\b(is|are|was|were|can|will|must|should|has|does|may)\b(?! not)/u;
const negated = /\b(?:does not|do not|did not|is not|are not|was not|cannot|will not|has no|never)\b/u;

/** The sentence with one negation more or fewer. */
function negate(sentence: string): string | undefined {
  if (negated.test(sentence)) {
    return sentence.replace(negated, (words) =>
      words === 'cannot' ? 'can' : words === 'never' ? 'always' : (words.split(' ')[0] ?? ''),
    );
  }
  return auxiliary.test(sentence) ? sentence.replace(auxiliary, '$1 not') : undefined;
}

const spelled = [
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'twelve',
  'fifteen',
  'twenty',
  'thirty',
];

function changeNumber(sentence: string): string | undefined {
  if (/\d/u.test(sentence))
    return sentence.replace(/\d[\d,]*/u, (digits) =>
      String(Number(digits.replaceAll(',', '')) + 3 + draw(40)),
    );
  const found = spelled.find((word) => new RegExp(`\\b${word}\\b`, 'u').test(sentence));
  if (found === undefined) return undefined;
  const others = spelled.filter((word) => word !== found);
  return sentence.replace(new RegExp(`\\b${found}\\b`, 'u'), others[draw(others.length)] ?? 'forty');
}

function swapName(text: Text, sentence: string, strangers: readonly string[]): string | undefined {
  const name = text.names.find((candidate) => sentence.includes(candidate));
  if (name === undefined) return undefined;
  const inside = text.names.filter((other) => other !== name && !sentence.includes(other));
  const pool = draw(2) === 0 && inside.length > 0 ? inside : strangers;
  return sentence.replace(name, pool[draw(pool.length)] ?? 'Orla Finch');
}

/** Says the same with other small words: a reported frame, a later clause first, or an "as well". */
function reword(sentence: string): string {
  const body = sentence.replace(/[.!]$/u, '');
  const clause = /^(If|When|Before|After|Because) ([^,]+), (.+)$/u.exec(body);
  if (clause) {
    const [, opener = '', condition = '', rest = ''] = clause;
    return `${rest.charAt(0).toUpperCase()}${rest.slice(1)} ${opener.toLowerCase()} ${condition}.`;
  }
  const opening =
    ['According to the lesson, ', 'It is said that ', 'In short, ', 'The text explains that '][draw(4)] ?? '';
  const isProper = readTokens(body)[0]?.isStopWord === false && /^\p{Lu}\p{Ll}+ \p{Lu}/u.test(body);
  return `${opening}${isProper ? body : body.charAt(0).toLowerCase() + body.slice(1)}.`;
}

const inventions = [
  'It won a national prize for design the following summer.',
  'Critics later called the whole idea a costly mistake.',
  'Most visitors arrive by train and stay for a single weekend.',
  'The method was patented and sold to a company abroad.',
  'A film about these events is being prepared by a student.',
  'Scientists have proved that it doubles the lifespan of mice.',
  'The government plans to tax it from next January.',
  'Children under twelve receive a free drink at the entrance.',
  'An insurance policy covers every accident that may follow.',
  'Red lamps were installed because tourists asked for them.',
  'The recipe became popular after a radio broadcast.',
  'Its main competitor uses satellites and drones instead.',
];

function makePairs(): Pair[] {
  const texts = readLines<Text>('texts.jsonl');
  const pairs: Pair[] = readLines<Pair>('paraphrases.jsonl');
  const strangers = ['Orla Finch', 'Bastian Kell', 'Port Emmer', 'Nadia Roos', 'Quentin Ash'];
  const add = (passage: string, kind: Kind, sentence: string | undefined) => {
    if (sentence !== undefined) pairs.push({ passage, sentence, kind });
  };
  for (const text of texts) {
    for (const [index, sentence] of sentencesOf(text.text).entries()) {
      add(
        text.text,
        index % 2 === 0 ? 'supported' : 'paraphrased',
        index % 2 === 0 ? sentence : reword(sentence),
      );
      add(text.text, 'number_changed', changeNumber(sentence));
      add(text.text, 'negated', negate(sentence));
      add(text.text, 'entity_swapped', swapName(text, sentence, strangers));
    }
    add(text.text, 'invented', inventions[draw(inventions.length)]);
  }
  const knowledge = readKnowledge();
  for (const [index, passage] of knowledge.entries()) {
    if (index % 2 === 1) continue;
    const sentences = sentencesOf(passage);
    const sentence = sentences[draw(sentences.length)] ?? passage;
    add(
      passage,
      index % 4 === 0 ? 'supported' : 'paraphrased',
      index % 4 === 0 ? sentence : reword(sentence),
    );
    add(
      passage,
      'number_changed',
      changeNumber(sentences.find((text) => changeNumber(text) !== undefined) ?? ''),
    );
    if (index % 4 === 0)
      add(passage, 'negated', negate(sentences.find((text) => negate(text) !== undefined) ?? ''));
    const other = sentencesOf(knowledge[(index + 37) % knowledge.length] ?? '')[0];
    if (index % 8 === 0)
      add(passage, 'invented', draw(2) === 0 ? other : inventions[draw(inventions.length)]);
  }
  return pairs;
}

const pairs = makePairs();
writeFileSync(path.join(folder, 'pairs.jsonl'), `${pairs.map((pair) => JSON.stringify(pair)).join('\n')}\n`);
console.log(
  `${pairs.length} pairs:`,
  Object.fromEntries(
    Map.groupBy(pairs, (pair) => pair.kind)
      .entries()
      .map(([kind, group]) => [kind, group.length]),
  ),
);
