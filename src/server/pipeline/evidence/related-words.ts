import { analyseText } from '../../retrieval/analyse-text.ts';

/**
 * Words of everyday English that answer each other although they share no stem: nouns of verbs ("birth" for "born"),
 * names of countries and their adjectives, and near synonyms. Groups are parted by bars.
 */
const groups =
  'pay paid cost|quit resign leave|hide hid conceal|keeper carer|establish found|' +
  'put place position positioned stand|purpose meaning|' +
  'deep depth|high height|long length|wide width|strong strength|warm warmth|young youth|far distance|hot heat|heated angry|wealthy wealth|healthy health|' +
  'conflict argument quarrel fight|cheat cheated affair unfaithful infidelity betray betrayal betrayed|fire fired dismiss dismissed sack|argue arguing argument quarrel|breakup separation ex|' +
  'patient patience|anxious anxiety worry worried nervous|knee knees|wage salary income|teenager teenage adolescent|tired weary exhausted fatigue|' +
  'begin began begun start started commence opening beginner beginning first|end ended finish finished conclude stop stopped cease final last|fight fought battle war combat|write wrote written author authored|' +
  'speak spoke spoken talk say said told tell|build built building construct constructed construction erect|buy bought purchase purchased acquire|sell sold selling sale|' +
  'teach taught teacher instruct|think thought believe believed opinion|bring brought|catch caught|' +
  'lead led leader leadership head chief|leave left depart|lose lost loss|win won victory|' +
  'make made create created produce produced|give gave given|take took taken|get got gain obtain receive received|' +
  'know known knew|grow grew grown growth increase|become became|come came arrive arrived|' +
  'go went gone|see saw seen|hold held|keep kept|' +
  'find found discover discovered discovery|found founded establish established founder formed|die died death dead dying|born birth|' +
  'live lived life|rise rose risen|fall fell fallen decline|break broke broken|' +
  'choose chose chosen choice select|choosing pick|draw drew drawn|drive drove driven|' +
  'eat ate eaten food meal|drink drank drunk|feel felt feeling|forget forgot forgotten|' +
  'forgive forgave forgiven forgiveness|hear heard listen|hurt pain painful ache sore|sit sat sitting seat|' +
  'sleep slept asleep sleepy drowsy|stand stood standing|spend spent spending expense|pay paid payment wage salary|' +
  'owe debt|save saving savings|send sent|steal stole stolen|' +
  'swim swam swum|wear wore worn|run ran|ride rode ridden|' +
  'shoot shot|show shown|sing sang sung song|mean meant meaning|' +
  'call called name named known termed title|use used utilize utilise employ|need needed require required necessary must|locate located location situated lie|' +
  'big large great huge major|small little tiny|important significant main key|common popular usual often|' +
  'type kind sort form variety|way method technique manner|job work occupation profession|marry married wife husband wedding marriage spouse|' +
  'child children kid son daughter|mother father parent parents|king monarch ruler rule ruled reign|country nation state|' +
  'city town|many number several|cost price expensive|old age aged|' +
  'long length duration|far distance|tall height high|heavy weight|' +
  'hot heat temperature warm|cold cool|quick fast rapid speed|help aid assist support|' +
  'cause caused reason lead due result|effect affect impact influence|change changed alter shift|move moved movement|' +
  'protect protection defend defense defence|attack attacked invade invasion|kill killed murder|sick ill illness disease|' +
  'doctor physician medical|fear afraid scared|angry anger|sad sadness grief mourning|' +
  'happy happiness joy|argue argument quarrel fight disagree|trust betray betrayal|partner spouse wife husband|' +
  'hand hands|person people human man woman|money financial income cash|house home apartment flat|' +
  'phone telephone|breath breathe breathing|thought mind|believe belief|' +
  'different differ difference unlike|same similar alike|separate separation divide divided|join joined|' +
  'allow allowed permit let|prevent avoid|approximately about around roughly|percentage percent|' +
  'century hundred|year annual yearly|america american|england english british britain|' +
  'france french|germany german|china chinese|japan japanese|' +
  'europe european|rome roman|scotland scottish|spain spanish|' +
  'poland polish|russia russian|italy italian|netherlands dutch|' +
  'wales welsh|ireland irish|denmark danish|portugal portuguese|' +
  'greece greek|turkey turkish|include included consist comprise contain part|describe described define defined definition|' +
  'purpose goal aim|study research|reach reached attain|remove removed removal|' +
  'problem trouble difficulty issue|difficult hard|easy simple easiest|money wealth rich|' +
  'poor poverty|evening night|morning dawn breakfast|exercise training workout train|' +
  'beginner novice starter new|boss manager employer|own owned owner possess|propose proposed suggest suggested|' +
  'invent invented invention inventor|translate translation|oppose opposed opposition against|agree agreed agreement accept|' +
  'vote voted election elected elect|law legal legislation|religion religious faith|science scientific scientist|' +
  'music musical musician|origin originate originated originally come derive derived|separate split apart|decide decided decision|' +
  'explain explained explanation';

let related: Map<string, Set<string>> | undefined;

/** The index terms that may stand for a term; undefined when none is known. */
export function relatedTerms(term: string): ReadonlySet<string> | undefined {
  related ??= readGroups();
  return related.get(term);
}

function readGroups(): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>();
  for (const group of groups.split('|')) {
    const terms = new Set(analyseText(group).map((token) => token.term));
    for (const term of terms) {
      const others = table.get(term) ?? new Set<string>();
      for (const other of terms) if (other !== term) others.add(other);
      table.set(term, others);
    }
  }
  return table;
}
