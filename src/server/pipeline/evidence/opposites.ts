import { analyseText } from '../../retrieval/analyse-text.ts';

/** Pairs of everyday words that exclude each other, forms separated by commas. */
const pairs =
  'more,greater,increase,increased,gain,grow,grew,rise,rose,raise/less,fewer,decrease,decreased,decline,declined,reduce,reduced,loss,shrink,fall,fell,lower|' +
  'most,maximum,highest,largest,biggest,greatest/least,minimum,lowest,smallest|large,big,huge,great/small,little,tiny|high,tall/low,short|long/short,brief|' +
  'first,earliest,initial,beginning,begin,began,start,started,open/last,final,latest,end,ended,finish,finished,stop,stopped,close|early,before,earlier/late,after,later|' +
  'old,ancient/new,modern,young|always,often,usually,common,frequently/never,rarely,seldom,uncommon,rare,unusual|all,every,both/none,neither|strong,powerful/weak|' +
  'hot,warm/cold,cool|fast,quick,quickly,rapid/slow,slowly|easy,simple,easily/difficult,hard,complex,complicated|good,positive,best,better/bad,negative,worst,worse|' +
  'right,correct,true/wrong,incorrect,false|rich,wealthy/poor|north,northern/south,southern|east,eastern/west,western|inside,inner,internal,within/outside,outer,external|' +
  'male,man,men,husband,father,son,brother,king/female,woman,women,wife,mother,daughter,sister,queen|accept,accepted,agree,agreed,approve,support,supported,favour,allow,allowed,permit,legal/reject,rejected,refuse,refused,oppose,opposed,disagree,forbid,forbidden,ban,banned,prohibit,illegal|' +
  'include,included,including/exclude,excluded,excluding|create,created,build,built,found,founded,establish,established/destroy,destroyed,abolish,abolished,demolish,dissolve|win,won,victory/lose,lost,defeat|buy,bought,import/sell,sold,export|' +
  'give,gave,send,sent/receive,received,take,took|remember/forget|empty/full|safe,safely,harmless/dangerous,unsafe,harmful|possible,able/impossible,unable|known,famous/unknown|similar,same,alike/different,opposite,unlike|' +
  'love,like/hate,dislike|morning,dawn,day/evening,night,dusk|summer/winter|public/private|rural/urban|morally,moral/immoral|left/right|up,upper,above,over/down,below,under,lower|add,added,join,joined/remove,removed,leave,left,subtract|' +
  'success,successful,succeed,succeeded/failure,fail,failed,unsuccessful|important,major,main,primary,significant/unimportant,minor,secondary,insignificant|together,unite,united/apart,separate,separated,alone|heavy/light|wet/dry|friend,ally/enemy|peace/war|' +
  'soft,softly,gentle,gently/loud,loudly,harsh,harshly|breathe in,inhale,inhaled/exhale,exhaled|loosen,relax/tighten,tense|calm/restless,agitated|patience,patient/impatience,impatient|trust/distrust|help,helped,helpful/hinder,harm,harmed|dominant,majority/minority|' +
  'positive/negative|permanent/temporary|direct/indirect|complete,completely/incomplete,partial,partly|equal/unequal|solvable/unsolvable|compatible/incompatible|bright,light/dark|deep/shallow|wide,broad/narrow|thick/thin|cheap,inexpensive/expensive,costly|healthy/unhealthy,sick,ill|quiet,silent/noisy,loud|closed,shut/open|front/back|top/bottom|sit,seated/stand,standing';

let opposites: Map<string, Set<string>> | undefined;

/** The index terms that contradict a term ("increase" for "decrease"); undefined when none is known. */
export function oppositesOf(term: string): ReadonlySet<string> | undefined {
  opposites ??= readPairs();
  return opposites.get(term);
}

function readPairs(): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>();
  const stems = (words: string) => analyseText(words).map((token) => token.term);
  for (const pair of pairs.split('|')) {
    const [left = '', right = ''] = pair.split('/');
    for (const [these, those] of [
      [stems(left), stems(right)],
      [stems(right), stems(left)],
    ] as const) {
      for (const term of these) table.set(term, new Set([...(table.get(term) ?? []), ...those]));
    }
  }
  return table;
}

const negation =
  /\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|without|hardly|rarely|seldom|barely|unable|lacks?|lacking|fails? to|failed to|refuse[sd]? to|instead of|rather than)\b|n['’]t\b/giu;

/** How many words of negation a text holds. */
export function countNegations(text: string): number {
  return text.match(negation)?.length ?? 0;
}
