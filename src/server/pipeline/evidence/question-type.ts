/** What kind of answer a question asks for; it decides which sentences look like answers. */
export type QuestionType =
  | 'who'
  | 'when'
  | 'where'
  | 'quantity'
  | 'how-to'
  | 'why'
  | 'definition'
  | 'list'
  | 'choice'
  | 'yes-no'
  | 'other';

const personNouns =
  /\b(?:what|which)\s+(?:\w+\s+){0,2}?(?:person|people|man|woman|king|queen|emperor|president|leader|author|scientist|artist|teacher|master|writer|general|philosopher|mathematician|engineer|inventor|singer|actor|ruler|bishop|pope|architect|composer|historian|scholar)\b/;
const timeNouns =
  /\b(?:what|which)\s+(?:\w+\s+)?(?:year|years|date|day|month|century|centuries|decade|era|period|season|time|hour)\b/;
const placeNouns =
  /\b(?:what|which)\s+(?:\w+\s+)?(?:country|countries|city|cities|town|state|place|region|area|continent|location|river|island|county|street|room|part of)\b/;
const quantityNouns =
  /\b(?:what|which)\s+(?:\w+\s+)?(?:percentage|percent|number|amount|proportion|fraction|price|cost|size|age|temperature|height|length|weight|speed|distance|population|rate|ratio|share|value)\b/;
const listWords =
  /\b(?:list|name (?:some|three|two|the|all)|what are (?:some|the (?:main|different|three|four|five|six|two|kinds|types|steps|stages|parts|signs|ways))|which (?:kinds|types)|give me (?:some|examples|a list|ideas)|ideas for|examples of|ways to|tips|steps)\b/;
const auxiliaries =
  /^(?:is|are|was|were|am|do|does|did|can|could|should|would|will|may|might|must|has|have|had|isn't|aren't|don't|doesn't|can't|shouldn't|won't)\s/;

/** In order: the first pattern that matches decides. */
const patterns: readonly (readonly [QuestionType, RegExp])[] = [
  [
    'quantity',
    /\bhow (?:many|much|long|old|far|often|tall|high|large|big|deep|fast|wide|heavy|frequently|late|early)\b/,
  ],
  ['quantity', quantityNouns],
  [
    'when',
    /\bwhen (?:is|are|was|were|did|do|does|should|can|will|would|has|have|may|could)\b|\bwhen\?|^when\b|\b(?:since|until) when\b/,
  ],
  ['when', timeNouns],
  [
    'why',
    /\bwhy\b|\bhow come\b|\bwhat (?:is|are|was|were) the (?:reason|reasons|cause|causes)\b|\bwhat caused?\b|\bfor what reason\b/,
  ],
  [
    'how-to',
    /\bhow (?:to|do|can|could|should|would|might|may|must) ?(?:i|we|you|one|a person|someone|my|a beginner|beginners)?\b|\bhow to\b|\bhow (?:shall|am) i\b|\b(?:help|teach|show) me (?:to|how|with)\b|\bwhat (?:can|should|do|could|must) (?:i|we|you) do\b/,
  ],
  ['who', /\bwho(?:m|se)?\b/],
  ['where', /\bwhere\b/],
  ['who', personNouns],
  ['where', placeNouns],
  ['list', listWords],
  [
    'definition',
    /^(?:what|who) (?:is|are|was|were)(?: (?:a|an|the))? [\w'-]+(?: [\w'-]+)?\?*$|\bwhat does .+ mean\b|\b(?:define|definition of|meaning of|what is meant by)\b|\bwhat(?:'s| is) (?:a|an) /,
  ],
];

/**
 * The type of a question, from its words alone; statements and unknown forms are `other`.
 * A yes-no question that offers alternatives ("chair or cushion?") is a `choice`.
 */
export function detectQuestionType(question: string): QuestionType {
  const text = question.normalize('NFKC').toLowerCase().replaceAll('’', "'").trim();
  const clause = lastQuestionClause(text);
  if (auxiliaries.test(clause) || /\b(?:better|rather|or)\b.*\bor\b/.test(clause)) {
    if (/\w\s+or\s+\w/.test(clause)) return 'choice';
    if (auxiliaries.test(clause)) return 'yes-no';
  }
  for (const [type, pattern] of patterns) {
    if (pattern.test(clause)) return type;
  }
  for (const [type, pattern] of patterns) {
    if (pattern.test(text)) return type;
  }
  return 'other';
}

/** "I am tired. Hi, can I rest?" asks only in its last clause; greetings and the story before it do not ask. */
function lastQuestionClause(text: string): string {
  const sentences = text.split(/(?<=[.!?])\s+/u).filter((sentence) => sentence.length > 0);
  const asking = sentences.findLast((sentence) => sentence.endsWith('?')) ?? sentences.at(-1) ?? text;
  const afterComma = asking.split(/,\s+/u).at(-1) ?? asking;
  const opensAsQuestion =
    /^(?:who|what|when|where|why|how|which|is|are|do|does|did|can|should|could|would|will|am)\b/;
  return opensAsQuestion.test(afterComma)
    ? afterComma
    : asking.replace(/^(?:so|and|but|well|ok|okay|hi|hello|please)\b[\s,]*/u, '');
}
