/** Words of a column's name in lower case: "customerId" -> customer, id; "RowNumber" -> row, number; "e-mail" -> e, mail, email. */
export function nameWords(name: string): string[] {
  const words = name
    .normalize('NFKD').replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/([A-Za-z])(\d)/g, '$1 $2')
    .toLowerCase().split(/[^\p{L}\d#]+/u).filter(Boolean);
  const joined = words.map((w, i) => (i + 1 < words.length ? w + words[i + 1] : '')).filter(Boolean);
  return [...words, ...joined];
}

/** Whether any word of the name (or two adjacent ones joined) is in the set. */
export const hasWord = (words: readonly string[], set: ReadonlySet<string>): boolean => words.some((w) => set.has(w));

const set = (text: string) => new Set(text.split(/\s+/));

/** Names that mean "identifies the record". */
export const identifierWords = set('id ids ident identifier uid uuid guid oid pid eid rowid rownum rownumber rowno row_id recordid recordno recordnumber userid customerid clientid patientid passengerid orderid transactionid sessionid accountid productid key pk mrn npi isbn ean upc sku gtin vin imei imsi serial serialno serialnumber barcode trackingnumber invoice invoiceno invoicenumber invoiceid ticket ticketno ticketnumber orderno ordernumber accountno accountnumber policyno policynumber membernumber caseno casenumber casenum passport passportno passportnumber licence license licenceplate licenseplate numberplate plate registration hash token reference refno ref docno docid identificador matricule matricula kundennummer kundennr');
/** Names of a mere row index; empty and "Unnamed: 0" are what pandas and R leave behind. */
export const indexWords = set('index idx row rownames rowname unnamed nr no num number # seq sequence lfd lfdnr obs observation');
/** Names of something that counts up without identifying a record. */
export const temporalWords = set('year yr month mon day date time timestamp datetime week hour minute second quarter period epoch age tick step t fiscalyear season jahr monat tag annee mois ano dia unix created updated modified');
/** Integer columns whose values are codes, not quantities. */
export const codedWords = set('sex gender race ethnicity zip zipcode postcode postalcode postal plz fips code codes cd type category cat class pclass group grp cluster segment status flag region district ward branch dept department channel nace naics sic icd');
/** Personal names, by how sure the name alone makes us. */
export const personNameWords = set('surname surnames lastname firstname forename forenames givenname givennames familyname middlename fullname maidenname nachname vorname nom prenom apellido apellidos');
/** "name" of something else: product name, file name, country name ... */
export const notPersonWords = set('product file company firm business organisation organization org brand item category country city town state region district county street road place location site station airport port event course school college university hospital clinic department team project model make car vehicle ship vessel species genus breed drug medicine disease host domain server app application package column table field variable feature class type status color colour group store shop restaurant hotel movie film song album artist track band book title game job position role skill campaign channel device metric sensor building room bank branch school language currency plan service display short code user username screen nick nickname login');
