/** What a word in a host name suggests, the strongest first. */
type WordKind =
  /** A mail server: overrides all others. */
  | "mail"
  /** Used only for dynamic or residential access lines. */
  | "line"
  /** A static address, but still a generated name. */
  | "fixed"
  /** Used for business lines and hosted machines, but for legitimate mail servers as well. */
  | "machine"
  /** Used for access lines and legitimate mail servers alike. */
  | "shared";

/** The known words in a host name, one of each kind. */
export type KnownWords = ReadonlyMap<WordKind, string>;

const VOCABULARY: ReadonlyMap<string, WordKind> = new Map([
  ...words(
    "mail",
    `antispam bounce bounces exchange exim imap ironport lists listserv mout newsletter out outbound
    outgoing post postfix postout relay relays sender sendgrid spamfilter zimbra`,
  ),
  ...words(
    "line",
    `adsl bband broadband cable catv cgn cgnat cpe dhcp dialin dialup dinamic dinamica dinamico docsis dsl
    dyn dynamic dynamicip dynamique dynamisch dynip epon fttb fttc ftth ftthb fttp fttx gpon gprs hsd hsdpa
    hsia isdn lte ppp pppoa pppoe residencial residential sdsl shdsl umts unallocated unassigned unused vdsl
    wimax xdsl`,
  ),
  ...words("fixed", "estatica estatico fixip static statica staticip statisch"),
  ...words(
    "machine",
    `biz business cloud colo colocation compute corp ded dedi dedicated empresas enterprise fix fixed hosted
    hosting iaas instance instances kvm leased ns office server servers sme srv sta stat vm vmd vmi vps`,
  ),
  ...words(
    "shared",
    `abo apn bb client cliente clientes clienti clients cust customer customers dclient dial fiber fibra fibre
    gsm home host hosts ip line mob mobile modem nat pool pools res rev subs subscriber subscribers user
    users wifi wireless wlan`,
  ),
]);

const LONGEST_WORD = Math.max(...[...VOCABULARY.keys()].map((word) => word.length));

/** Numbers hold shorter runs of letters by chance: `c09224bb`. */
const SHORTEST_IN_NUMBERS = 4;

/** A word that begins or ends with one of these is a word for mail: `webmail`, `mailgw`, `smtpout`, `vmta`. */
const MAIL_AFFIXES = ["mail", "smtp", "mta", "mx"];

/**
 * Reads the words of a name: runs of letters, whole, or made of two known ones (`adslpool`).
 * The work is linear: a run costs at most a look-up for each place where its first word can end.
 */
export function knownWords(text: string): KnownWords {
  const known = new Map<WordKind, string>();
  for (const piece of text.split(/[^0-9a-z]+/)) {
    const isNumber = /^[0-9a-f]+$/.test(piece) && /\d/.test(piece);
    for (const { 0: run, index } of piece.matchAll(/[a-z]+/g)) {
      if (run.length < SHORTEST_IN_NUMBERS && (isNumber || index > 0) && !isForMail(run)) continue;
      for (const [word, kind] of readRun(run)) if (!known.has(kind)) known.set(kind, word);
    }
  }
  return known;
}

function isForMail(run: string): boolean {
  return MAIL_AFFIXES.some((affix) => run.startsWith(affix) || run.endsWith(affix));
}

function readRun(run: string): readonly (readonly [string, WordKind])[] {
  if (isForMail(run)) return [[run, "mail"]];
  const kind = VOCABULARY.get(run);
  if (kind !== undefined) return [[run, kind]];
  if (run.length > 2 * LONGEST_WORD) return [];
  for (let end = 2; end <= LONGEST_WORD && end <= run.length - 2; end += 1) {
    const [head, tail] = [run.slice(0, end), run.slice(end)];
    const [first, second] = [VOCABULARY.get(head), VOCABULARY.get(tail)];
    if (first !== undefined && second !== undefined)
      return [
        [head, first],
        [tail, second],
      ];
  }
  return [];
}

function words(kind: WordKind, text: string): readonly (readonly [string, WordKind])[] {
  return text.split(/\s+/).map((word) => [word, kind]);
}
