/** Groups of English forms that no suffix rule joins, the base form first: irregular verbs, plurals and comparatives. */
const groups =
  'arise arose arisen|awake awoke awoken|bear bore borne|beat beaten|become became|begin began begun|bend bent|bind bound|bite bit bitten|' +
  'bleed bled|blow blew blown|break broke broken|breed bred|bring brought|build built|burn burnt|buy bought|catch caught|choose chose chosen|' +
  'cling clung|come came|creep crept|deal dealt|dig dug|draw drew drawn|dream dreamt|drink drank drunk|drive drove driven|eat ate eaten|' +
  'fall fell fallen|feed fed|feel felt|fight fought|find found|flee fled|fly flew flown|forbid forbade forbidden|forget forgot forgotten|' +
  'forgive forgave forgiven|freeze froze frozen|get got gotten|give gave given|go went gone|grow grew grown|hang hung|hear heard|hide hid hidden|' +
  'hold held|keep kept|kneel knelt|know knew known|lay laid|lead led|lean leant|leap leapt|learn learnt|leave left|lend lent|lose lost|make made|' +
  'mean meant|meet met|pay paid|ride rode ridden|ring rang rung|rise rose risen|run ran|say said|see saw seen|seek sought|sell sold|send sent|' +
  'shake shook shaken|shine shone|shoot shot|show shown|shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep slept|slide slid|' +
  'smell smelt|speak spoke spoken|speed sped|spell spelt|spend spent|spin spun|spoil spoilt|spring sprang sprung|stand stood|steal stole stolen|' +
  'stick stuck|strike struck stricken|strive strove striven|swear swore sworn|sweep swept|swell swollen|swim swam swum|swing swung|take took taken|' +
  'teach taught|tear tore torn|tell told|think thought|throw threw thrown|tread trod trodden|understand understood|wake woke woken|wear wore worn|' +
  'weave wove woven|weep wept|win won|wind wound|withdraw withdrew withdrawn|write wrote written|' +
  'man men|woman women|child children|foot feet|tooth teeth|goose geese|mouse mice|ox oxen|person people|life lives|wife wives|knife knives|' +
  'leaf leaves|half halves|self selves|wolf wolves|calf calves|shelf shelves|thief thieves|loaf loaves|analysis analyses|basis bases|' +
  'crisis crises|criterion criteria|phenomenon phenomena|bacterium bacteria|nucleus nuclei|radius radii|index indices|matrix matrices|' +
  'vertex vertices|axis axes|hypothesis hypotheses|thesis theses|good better best|bad worse worst|far farther farthest|old elder eldest';

function readGroups(): Map<string, string> {
  const bases = new Map<string, string>();
  for (const group of groups.split('|')) {
    const [base = '', ...forms] = group.split(' ');
    for (const form of forms) bases.set(form, base);
  }
  return bases;
}

const irregularForms = readGroups();

/**
 * The base of an irregular English form (`taught` to `teach`), and American spelling for British (`colour`, `organise`,
 * `centre`, `travelling`), so that both find each other; other words come back unchanged. Takes folded words.
 */
export function unifyEnglishForm(word: string): string {
  const base = irregularForms.get(word);
  if (base !== undefined) return base;
  if (word.length < 6) return word;
  return word
    .replace(/^(.{3,})our(s|ed|ing|al|able|ful|ite|ites|ly|less)?$/u, '$1or$2')
    .replace(/^(.{3,})is(e|es|ed|er|ers|ing|ation|ations)$/u, '$1iz$2')
    .replace(/^(.{3,})ys(e|es|ed|er|ers|ing)$/u, '$1yz$2')
    .replace(/^(cen|fib|thea|me|li)tre(s?)$/u, '$1ter$2')
    .replace(/^(.{2,}[aeiou]l)l(ed|ing|er|ers)$/u, '$1$2');
}
