import type { PersonalKind } from '../../protocol';
import { hasWord, nameWords, notPersonWords, personNameWords } from '../kinds/words';
import { mentionsGivenName } from './givenNames';
import { hasNameShape, hasTitle, isAddress, isCreditCard, isEmail, isIban, isIp, isNamePart, isPhoneStrong, isPhoneWeak, isSsn, isUrl, isUuid } from './values';

/** What detection looks at: distinct values (a sample of at most a thousand or so), and how many rows and distinct values there are in all. */
export interface PersonalEvidence { name: string; values: readonly string[]; present: number; distinct: number }

interface Detector {
  kind: PersonalKind;
  /** Words of the column's name that suggest this kind. */
  words: ReadonlySet<string>;
  /** Share of values that must pass `sure` whatever the column is called; absent: never by format alone. */
  alone?: number; sure?: (v: string) => boolean;
  /** Share that must pass `plausible` when the name suggests it. */
  named: number; plausible: (v: string) => boolean;
}
const set = (text: string) => new Set(text.split(/\s+/));

/**
 * One line per kind, tried in this order: the first that fits wins. Formats with a checksum or an unmistakable shape need no help
 * from the column's name; the others (bare digits, words) are never decided without it.
 */
const detectors: readonly Detector[] = [
  { kind: 'email', words: set('email mail emailaddress'), alone: 0.8, sure: isEmail, named: 0.5, plausible: isEmail },
  { kind: 'uuid', words: set('uuid guid'), alone: 0.9, sure: isUuid, named: 0.9, plausible: isUuid },
  { kind: 'iban', words: set('iban'), alone: 0.8, sure: isIban, named: 0.5, plausible: (v) => /^[A-Z]{2}\d{2}[ A-Z\d]{10,32}$/i.test(v) },
  { kind: 'url', words: set('url website homepage link uri web'), alone: 0.9, sure: isUrl, named: 0.6, plausible: isUrl },
  // 1.2.3.4 may be a version number: by format alone only if nothing in the column disagrees.
  { kind: 'ip', words: set('ip ipaddress ipv ipaddr host remoteaddr clientip sourceip'), alone: 0.98, sure: isIp, named: 0.7, plausible: isIp },
  { kind: 'ssn', words: set('ssn socialsecurity socialsecuritynumber nino sin'), alone: 0.9, sure: isSsn, named: 0.8, plausible: (v) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(v) },
  // One random number in ten passes the check digit, so nearly all of them must.
  { kind: 'credit-card', words: set('creditcard cardnumber cardno card pan ccnumber ccnum ccn cc'), alone: 0.95, sure: (v) => isCreditCard(v) && v.replace(/\D/g, '').length >= 15, named: 0.6, plausible: isCreditCard },
  { kind: 'phone', words: set('phone telephone tel mobile cell cellphone fax phonenumber telefon telefono telefone handy msisdn'), alone: 0.9, sure: isPhoneStrong, named: 0.7, plausible: isPhoneWeak },
  { kind: 'address', words: set('address addr street streetaddress adresse direccion indirizzo strasse addressline'), alone: 0.8, sure: (v) => isAddress(v) && /^\d|\d{1,5}[a-z]?(?:$|,)/i.test(v), named: 0.4, plausible: (v) => isAddress(v) || (/\d/.test(v) && /\p{L}{3,}.*\s/u.test(v)) },
];

const share = (values: readonly string[], test: (v: string) => boolean): number => {
  let n = 0;
  for (const v of values) if (test(v.trim())) n++;
  return values.length === 0 ? 0 : n / values.length;
};

/** The kind of personal data a column holds, or undefined. Needs at least three distinct values: fewer cannot be told from a code. */
export function detectPersonal(evidence: PersonalEvidence): PersonalKind | undefined {
  const { values } = evidence;
  if (values.length < 3) return undefined;
  const words = nameWords(evidence.name);
  for (const d of detectors) {
    if (d.alone !== undefined && d.sure && share(values, d.sure) >= d.alone) {
      // A handful of distinct URLs or IP addresses is a code (a server, a source), unless the column says otherwise.
      if ((d.kind === 'url' || d.kind === 'ip') && evidence.distinct < 20 && !hasWord(words, d.words)) continue;
      return d.kind;
    }
    if (hasWord(words, d.words) && share(values, d.plausible) >= d.named) return d.kind;
  }
  return isNameColumn(evidence, words) ? 'name' : undefined;
}

function isNameColumn({ name, values, present, distinct }: PersonalEvidence, words: string[]): boolean {
  // A list of a few people, each once, under "name".
  if (distinct < 10) return words[0] === 'name' && words.length === 1 && distinct === present && share(values, mentionsGivenName) >= 0.5;
  // First-name and surname columns: the column's name decides, provided the values are words and many.
  if (hasWord(words, personNameWords) && !hasWord(words, notPersonWords)) return (distinct >= 20 || distinct / present >= 0.5) && share(values, isNamePart) + share(values, (v) => !isNamePart(v) && hasNameShape(v)) >= 0.8;
  const shaped = share(values, hasNameShape);
  if (share(values, hasTitle) >= 0.5) return true;
  const given = share(values, mentionsGivenName);
  if (words.includes('name') && !hasWord(words, notPersonWords)) return shaped >= 0.7 && (given >= 0.15 || /^name$/i.test(name) && distinct / present > 0.9 && given >= 0.1);
  const holder = hasWord(words, new Set(['customer', 'patient', 'client', 'employee', 'owner', 'holder', 'contact', 'person', 'author', 'manager', 'doctor', 'physician', 'teacher', 'student', 'agent', 'passenger', 'member', 'beneficiary', 'cardholder', 'accountholder', 'recipient', 'sender', 'user']));
  if (holder) return shaped >= 0.7 && given >= 0.2;
  return shaped >= 0.9 && given >= 0.5 && distinct / present >= 0.5;
}
