/** Common given names across languages, to tell "Maria Rossi" from "Mineral Water". Lower case, without accents. */
export const givenNames: ReadonlySet<string> = new Set(`
aaron abdul abigail adam adrian ahmed alan albert alejandro alessandro alex alexander alexandra alfred ali alice alicia allison amanda amber amelia amir amy ana andrea andreas andrew andrey angela anil anita anja ann anna anne annie anthony anton antonio arthur ashley astrid
barbara beatrice ben benjamin bernard beth betty beverly bill billy bjorn bob bobby bradley brandon brenda brian bruce bruno bryan
carl carla carlos carmen carol caroline carolyn catherine cecilia charles charlotte cheryl chris christian christina christine christopher claire clara claude claudia connor craig cynthia
daniel daniela danielle david dawn deborah debra denis dennis diana diane diego dieter dmitry dmitri dolores donald donna doris dorothy douglas dylan
edith eduardo edward eileen elaine eleanor elena elizabeth ella ellen emily emma eric erik erika ernest esther ethan eugene eva evan evelyn
fatima felix fernando florence frances francesca francesco francis francisco frank franz fred frederick friedrich
gabriel gabriela gary george gerald gerhard giovanni giulia giuseppe gloria grace graham greg gregory guido gustav
hans harold harry hassan heather hector heidi heinrich helen helena helga henri henry herbert herman hiroshi howard hugo
ian ibrahim igor ines ingrid irene iris isabel isabella ivan
jack jacob jacqueline jacques jaime james jamie jan jane janet janice jason javier jean jeffrey jennifer jeremy jerry jesse jessica jesus jim joan joanna joao joe joel johan johann johannes john johnny jonas jonathan jordan jorge jose josef joseph joshua joyce juan juanita judith judy julia julian julie jun jurgen justin
kamal karen karin karl katarina kate katherine kathleen kathryn katie keith kelly ken kenneth kevin kim klaus krishna kurt kyle
larry lars laura lauren laurent lawrence lea lena leo leon leonardo li liam lillian linda lisa logan lois louis louise luca lucas lucia luis luke
mads magnus manfred manuel marc marco marcus margaret margarita maria marie marilyn mario marion marjorie mark markus marta martha martin mary maryam mateo matthew matthias maurice max maximilian megan mehmet melissa mia michael michel michelle miguel mike mildred ming mohamed mohammad mohammed monica monika muhammad mustafa
nancy natalia natalie natasha nathan nicholas nick nicola nicolas nicole nikolai nina noah nora norma
oleg oliver olivia olga omar oscar otto owen
pablo pamela paola patricia patrick paul paula pauline pavel pedro peter petra philip philippe phillip phyllis pierre piotr priya
rachel rafael rahul raj ralph ramon randy raymond rebecca rene ricardo richard rita robert roberta roberto robin roger roland ronald rosa rose roy rudolf russell ruth ryan
sabine salma sam samantha samuel sandra sara sarah scott sean sebastian sergei sergey sergio sharon sheila shirley silvia simon sofia sonia sophia sophie stefan stefano stephanie stephen steve steven sunil susan susanne suzanne svetlana sven sylvia
tamara tanya tatiana teresa terry theodore theresa thomas tiffany tim timothy todd tom tomas tommy tony tracy tyler
ursula uwe valentina valerie vanessa vera veronica victor victoria vincent viola virginia vladimir
walter wanda wayne wei wendy werner wilhelm william willie wolfgang
xavier yan yang yasmin yolanda yosef yuki yusuf yvonne zachary zoe laina jacques fannie selma`.trim().split(/\s+/));

/** Whether any word of the value is a common given name. */
export const mentionsGivenName = (value: string): boolean =>
  value.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().split(/[^a-z]+/).some((w) => givenNames.has(w));
