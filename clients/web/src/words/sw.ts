import type { Words } from './en';
import { refusals } from './refusals_sw';

const weeks = (count: number): string => `wiki ${String(count)}`;

export const sw: Words = {
  skip: 'Ruka hadi maudhui', home: 'BETSAFI, kwenye michezo', personal: 'Wewe', main: 'Kuu', balance: 'Salio', back: 'Rudi',
  loading: 'Inapakia…', sending: 'Subiri kidogo…', again: 'Jaribu tena', more: 'Onyesha zaidi', save: 'Hifadhi', saved: 'Imehifadhiwa.',
  needed: 'Hii inahitajika.', amountWrong: 'Kiasi kama 250 au 99.50.', signOut: 'Toka', notFound: 'Hakuna ukurasa kama huo.',
  offline: 'Huna mtandao. Unachoona kinaweza kuwa cha zamani; hakuna kilichopotea.',
  reconnecting: 'Inaunganisha tena… Salio na madau yanaweza kuchelewa kidogo.',
  adults: 'Miaka 18 na zaidi. Kubeti kunaweza kuwa tatizo: weka vikomo kwenye Akaunti.',
  unread: (count) => `Ujumbe, ${String(count)} mpya`,
  minutes: (count) => `dakika ${String(count)}`,
  hours: (count) => (count % 168 === 0 ? weeks(count / 168) : count > 24 ? `siku ${String(count / 24)}` : 'saa 24'),
  months: (count) => (count === 0 ? 'milele' : count % 12 === 0 ? `mwaka ${String(count / 12)}` : `miezi ${String(count)}`),
  versus: 'na', noMarkets: 'Hakuna cha kubetia hapa kwa sasa.', marketGroups: 'Aina za masoko',
  tabs: { games: 'Michezo', search: 'Tafuta', slip: 'Mkeka', bets: 'Madau', account: 'Akaunti' },
  status: { SCHEDULED: 'Unakuja', LIVE: 'Mubashara', ENDED: 'Umeisha', POSTPONED: 'Umeahirishwa', INTERRUPTED: 'Umekatizwa', ABANDONED: 'Umeachwa', CANCELLED: 'Umefutwa' },
  market: { OPEN: 'wazi', SUSPENDED: 'limesimama', CLOSED: 'limefungwa' },
  group: { MAIN: 'Kuu', GOALS: 'Mabao', HANDICAP: 'Handicap', HALVES: 'Vipindi', COMBINED: 'Mseto', SCORE: 'Matokeo', CORNERS: 'Kona', CARDS: 'Kadi' },
  lobby: {
    title: 'Michezo', all: 'Yote', today: 'Leo', tomorrow: 'Kesho', days: 'Siku', competition: 'Ligi', everyCompetition: 'Ligi zote',
    popular: 'Maarufu', next: 'Inayokuja', none: 'Hakuna michezo hapa', noneHint: 'Chagua siku au ligi nyingine.',
  },
  search: {
    title: 'Tafuta', label: 'Timu, au nambari ya mkeka', hint: 'Andika herufi za kwanza za timu.',
    none: (text) => `Hakuna timu inayoanza na “${text}”.`, code: (code) => `Pakia mkeka ${code}`,
  },
  slip: {
    title: 'Mkeka', open: 'Fungua mkeka', empty: 'Mkeka wako ni mtupu', emptyHint: 'Gusa odds ili kuziongeza.', clear: 'Futa', kind: 'Aina ya dau',
    kinds: { SINGLES: 'Moja moja', MULTI: 'Multi', SYSTEM: 'Mfumo' }, system: 'Mfumo', ofAll: (k, all) => `${String(k)} kati ya ${String(all)}`,
    remove: (what) => `Ondoa ${what}`, stake: 'Dau', stakeEach: 'Dau kwa kila chaguo', quick: 'Viwango vya kuchagua',
    totalOdds: 'Jumla ya odds', totalStake: 'Jumla ya dau', estimate: 'Inaweza kulipa', payout: 'Inaweza kulipa', lines: (count) => `Mistari ${String(count)}, kila mmoja`,
    bonus: (percent) => `Bonasi ${String(percent)} %`, taxes: 'Kodi', signIn: 'Ingia ili kubeti', guest: 'Mkeka wako unabaki ulivyo unapoingia.',
    place: (count) => (count > 1 ? `Weka madau ${String(count)}` : 'Weka dau'), placing: 'Inaweka…', takeOdds: 'Kubali odds mpya',
    largest: (most) => `Weka ${most}`, instead: (key, odds) => `Betia zote pamoja: ${key} kwa ${odds}`,
  },
  bets: { title: 'Madau yangu', open: 'Wazi', decided: 'Yaliyoamuliwa', none: 'Hakuna madau wazi', noneDecided: 'Hakuna yaliyoamuliwa bado' },
  bet: {
    single: 'Dau moja', multi: (legs) => `Multi ya ${String(legs)}`, system: (ks, legs) => `Mfumo ${ks} kati ya ${String(legs)}`,
    placed: 'Dau lako limekubaliwa.', placedAt: 'Liliwekwa', paid: 'Limelipa', receipt: 'Risiti', repeat: 'Beti tena', share: 'Shiriki',
    code: 'Nambari ya mkeka: anayeitafuta anapata mkeka huu.', cancel: 'Ghairi dau', cancelSure: 'Ughairi dau hili na kurudishiwa pesa?',
    status: { PENDING: 'Linasubiri', ACCEPTED: 'Limekubaliwa', REJECTED: 'Limekataliwa', CANCELLED: 'Limeghairiwa', SETTLED: 'Limeamuliwa', WON: 'Limeshinda', LOST: 'Limepotea', VOID: 'Limebatilishwa' },
    result: { WON: 'Imeshinda', LOST: 'Imepotea', VOID: 'Imebatilishwa', HALF_WON: 'Nusu imeshinda', HALF_LOST: 'Nusu imepotea' },
  },
  signIn: {
    short: 'Ingia', title: 'Ingia', join: 'Fungua akaunti', first: 'Ingia ili kuona', phone: 'Nambari ya simu', phoneHint: 'Safaricom, kama 0712 345 678',
    phoneWrong: 'Nambari ya simu ya Kenya, kama 0712 345 678.', birthdate: 'Tarehe ya kuzaliwa', birthdateHint: 'Ni lazima uwe na miaka 18 au zaidi.', birthdateWrong: 'Tarehe ya kuzaliwa inahitajika.',
    agree: 'Nina miaka 18 au zaidi na ninakubali masharti na taarifa ya faragha.', agreeFirst: 'Tafadhali yakubali ili kuendelea.', send: 'Nitumie nambari ya siri', sms: 'Nambari ya siri inakuja kwa SMS. Huhitaji nenosiri.',
    code: 'Andika nambari ya siri', codeHint: (phone) => `Tumetuma tarakimu sita kwa ${phone}. Zinatumika kwa dakika tano.`, codeLabel: 'Nambari ya siri', codeWrong: 'Nambari ya siri ina tarakimu sita.',
    codeAgain: (tries) => (tries ? `Si sahihi. Umebakiza majaribio ${tries}.` : 'Si sahihi.'), go: 'Endelea', other: 'Nambari nyingine, au nambari mpya ya siri',
    second: 'Kifaa kipya', secondHint: 'Akaunti hii inatumika kwenye kifaa kingine. Andika nenosiri lako ili kuitumia hapa.', password: 'Nenosiri',
  },
  account: {
    held: (sum) => `${sum} kwenye madau na maombi ya kutoa pesa`, owed: (sum) => `Deni la ${sum} baada ya matokeo kurekebishwa`, stopped: 'Akaunti yako imesimamishwa',
    deadline: (day) => `Tutaamua kufikia ${day}.`, said: 'Ulisema', appeal: 'Una maelezo gani?', appealWrong: 'Herufi 10 hadi 1,000.', sendAppeal: 'Tuma',
  },
  deposit: {
    title: 'Weka pesa', amount: 'Kiasi kwa shilingi', hint: (phone) => `M-Pesa itaomba PIN yako kwenye ${phone}.`, wrong: 'Shilingi kamili, kama 500.', go: 'Omba M-Pesa', another: 'Weka tena',
    toSlip: 'Rudi kwenye mkeka', closed: 'Kuweka pesa kumefungwa kwa sasa.', tax: 'Ushuru wa bidhaa hukatwa kwenye pesa unazoweka.', paybill: 'Au lipa kwa Pay Bill', business: 'Nambari ya biashara', account: 'Nambari ya akaunti',
  },
  withdraw: {
    title: 'Toa pesa', amount: 'Kiasi', hint: (phone) => `Zinaenda M-Pesa kwenye ${phone}.`, go: 'Toa pesa', closed: 'Kutoa pesa kumefungwa kwa sasa.', code: 'Nambari ya siri ya SMS',
    codeHint: (phone) => `Uliingia muda mrefu uliopita, kwa hivyo tumetuma nambari ya siri kwa ${phone}.`, tax: 'Kodi ya zuio hukatwa; senti zinabaki kwenye pochi.',
  },
  payments: {
    title: 'Malipo', one: 'Malipo', none: 'Hakuna malipo bado', amount: 'Kiasi', tax: 'Kodi', credited: 'Zimewekwa', paid: 'Zimelipwa M-Pesa', returned: 'Zinabaki kwenye pochi', receipt: 'Risiti ya M-Pesa', at: 'Yaliombwa',
    kind: { DEPOSIT: 'Kuweka pesa', WITHDRAWAL: 'Kutoa pesa', REVERSAL: 'Kurudisha pesa' },
    status: {
      REQUESTED: 'Yanaanza', RECEIVED: 'Yamepokelewa', HELD: 'Zimetengwa', REVIEW: 'Yanakaguliwa', SUBMITTED: 'Yako M-Pesa', SUBMIT_UNKNOWN: 'Yanachunguzwa', UNKNOWN: 'Yanachunguzwa', DELAYED: 'Yamechelewa',
      COMPLETED: 'Yamekamilika', FAILED: 'Hayakufaulu', REFUSED: 'Yamekataliwa', SUSPENSE: 'Yanatafutiwa akaunti', RETURNING: 'Yanarudishwa', RETURNED: 'Yamerudishwa', REVERSED: 'Yamerudishwa',
    },
    says: {
      REQUESTED: 'Ombi limeandikwa.', RECEIVED: 'M-Pesa imetujulisha malipo; tunayathibitisha.', HELD: 'Pesa zimetengwa kwenye pochi yako.', REVIEW: 'Tunakagua ombi lako. Pesa zimetengwa.',
      SUBMITTED: 'M-Pesa ina ombi. Kama unaweka pesa, andika PIN kwenye simu yako.', SUBMIT_UNKNOWN: 'Tunauliza M-Pesa. Usijaribu tena kwa sasa.', UNKNOWN: 'Tunauliza M-Pesa. Usijaribu tena kwa sasa.',
      DELAYED: 'Malipo yamechelewa. Pesa ziko salama.', COMPLETED: 'Malipo yamekamilika.', FAILED: 'Malipo hayakufaulu. Unaweza kujaribu tena.', REFUSED: 'Ombi limekataliwa. Hakuna pesa zilizotengwa.',
      SUSPENSE: 'Hatujui malipo haya ni ya nani. Wasiliana na huduma kwa wateja.', RETURNING: 'Pesa zinarudishwa kwa M-Pesa yako.', RETURNED: 'Pesa zimerudishwa kwa M-Pesa yako.', REVERSED: 'Pesa zimerudishwa kwa M-Pesa yako.',
    },
  },
  statement: {
    title: 'Taarifa', none: 'Hakuna kumbukumbu bado', download: 'CSV, siku 90', since: (day) => `Tangu ${day}`, staked: (bets) => `Madau ${String(bets)}`, won: 'Ulishinda', net: 'Matokeo',
    deposited: 'Uliweka', withdrawn: 'Ulitoa', taxes: 'Kodi', time: 'Muda wa kubeti',
    kind: {
      DEPOSIT: 'Kuweka pesa', ASSIGNMENT: 'Malipo yamepangwa', BONUS: 'Bonasi', ADJUSTMENT: 'Marekebisho', HOLD: 'Zimetengwa', RELEASE: 'Zimerudishwa', SETTLEMENT: 'Dau limeamuliwa', CASH_OUT: 'Cash-out',
      REOPENING: 'Dau limefunguliwa tena', PAYOUT: 'Kutoa pesa', REVERSAL: 'Kurudisha pesa',
    },
  },
  inbox: { title: 'Ujumbe', none: 'Hakuna ujumbe bado' },
  terms: {
    title: 'Masharti na faragha', due: 'Masharti mapya', versions: (terms, privacy) => `Masharti ya ${terms}, taarifa ya faragha ya ${privacy}. Madau yanakubaliwa ukishayakubali.`, accept: 'Kubali yote mawili',
    terms: 'Masharti', privacy: 'Taarifa ya faragha', accepted: 'Yalikubaliwa',
  },
  devices: {
    title: 'Vifaa', text: 'Mahali ulipoingia. Kifaa kilichotolewa kinahitaji uthibitisho wa pili ili kurudi.', here: 'Kifaa hiki', out: 'Kimetoka', last: (at) => `Kiliingia mwisho ${at}`, signOut: 'Toa',
    everywhere: 'Toka kwenye vifaa vyote', sure: 'Utoke kwenye vifaa vyote, hiki pia?',
  },
  identity: {
    title: 'Utambulisho', text: 'Kitambulisho huongeza kiasi unachoweza kuweka, kubeti na kutoa kwa siku. Hakuna anayeonyeshwa unachoandika.', kind: 'Kitambulisho', number: 'Nambari', firstName: 'Jina la kwanza', lastName: 'Jina la mwisho', go: 'Tuma',
    kinds: { NATIONAL_ID: 'Kitambulisho cha taifa', PASSPORT: 'Pasipoti', ALIEN_ID: 'Kitambulisho cha mgeni' },
    state: { UNVERIFIED: 'Bado haujathibitishwa', PENDING: 'Rejista inaulizwa…', VERIFIED: 'Umethibitishwa', REJECTED: 'Haujathibitishwa' },
    reason: { DETAILS_DIFFER: 'Rejista inajua kitambulisho hiki kwa jina au tarehe nyingine ya kuzaliwa.', DOCUMENT_UNKNOWN: 'Rejista haijui kitambulisho hiki.' },
    deposit: 'Kuweka kwa siku', bet: 'Madau kwa siku', withdraw: 'Kutoa kwa siku', noLimit: 'Hakuna kikomo',
  },
  settings: {
    title: 'Mipangilio', language: 'Lugha', name: 'Jina', nameLabel: 'Tukuite nani', password: 'Nenosiri', passwordLabel: 'Nenosiri jipya', passwordHint: 'Kwa vifaa vipya. Herufi 10 hadi 99, ndani ya dakika kumi baada ya kuingia.',
    passwordWrong: 'Herufi 10 hadi 99.', messages: 'Ujumbe', messagesText: 'Wote uko kwenye kikasha pia.', offers: 'Nitumie ofa',
    category: { BETS: 'Madau', MONEY: 'Pesa', SECURITY: 'Usalama', LAW: 'Sheria', OFFERS: 'Ofa', REMINDERS: 'Vikumbusho' }, channel: { INBOX: 'Kikasha pekee', PUSH: 'Push', SMS: 'SMS', EMAIL: 'Barua pepe' },
  },
  protection: {
    title: 'Vikomo na mapumziko', text: 'Kikomo cha chini kinaanza mara moja. Kikomo cha juu kinasubiri siku moja, kisha unakithibitisha.', limits: 'Vikomo vyako', noLimits: 'Hakuna.', set: 'Weka kikomo', which: 'Kikomo', amount: 'Kiasi',
    amountHint: 'Ukiacha wazi kikomo kitaondolewa, baada ya siku moja.', left: (sum) => `kimebaki ${sum}`, window: (at) => `hadi ${at}`, none: 'hakuna kikomo', looser: (limit, sum) => `${limit}: ${sum}`,
    from: (at) => `Kuthibitisha kuanzia ${at}`, confirm: 'Thibitisha',
    limit: {
      STAKE_BET: 'Dau moja', STAKE_DAY: 'Madau kwa siku', STAKE_WEEK: 'Madau kwa wiki', STAKE_MONTH: 'Madau kwa mwezi', LOSS_DAY: 'Hasara kwa siku', LOSS_WEEK: 'Hasara kwa wiki', LOSS_MONTH: 'Hasara kwa mwezi',
      DEPOSIT_DAY: 'Kuweka kwa siku', DEPOSIT_WEEK: 'Kuweka kwa wiki', DEPOSIT_MONTH: 'Kuweka kwa mwezi',
    },
    stop: { TIME_OUT: 'Uko kwenye mapumziko', EXCLUSION: 'Umejitenga', REGISTER: 'Uko kwenye rejista ya waliojitenga' }, until: (at) => `Hadi ${at}.`, ends: (at) => `Kunaisha ${at}.`,
    forGood: 'Hakuishi kwenyewe.', stillWithdraw: 'Unaweza kutoa pesa zako wakati wowote. Madau yaliyo wazi yanabaki.', end: 'Omba kumaliza', howLong: 'Muda gani',
    timeOut: 'Pumzika', timeOutText: 'Hakuna kubeti wala kuweka pesa hadi muda uishe. Hayawezi kufupishwa.', takeTimeOut: 'Pumzika', timeOutSure: (time) => `Mapumziko ya ${time}: hakuna kubeti wala kuweka pesa. Hayawezi kufupishwa. Uanze sasa?`,
    exclusion: 'Jitenge', exclusionText: 'Hakuna kubeti wala kuweka pesa kwa miezi, au milele. Hakuwezi kutenguliwa.', exclude: 'Nitenge', excludeSure: (time) => `Ujitenge (${time})? Hakuwezi kutenguliwa.`,
    help: 'Kama kubeti kunakuumiza wewe au wako, pumzika hapa na uzungumze na mtu unayemwamini.',
  },
  reality: {
    title: 'Muhtasari wa kubeti', text: (minutes, staked, net) => `Umekuwa ukibeti kwa dakika ${minutes}: madau ${staked}, matokeo ${net}.`, stop: 'Simama hapa', go: 'Endelea',
    now: (time, staked, net) => `Kipindi hiki: ${time}, madau ${staked}, matokeo ${net}.`, every: 'Nikumbushe kila',
  },
  laptop: { phone: 'Fungua simu (laptop): PIN ni 1234', inbox: 'Fungua SMS (laptop)' },
  next: { deposit: 'Weka pesa', identity: 'Onyesha kitambulisho', limits: 'Angalia vikomo vyako', withdraw: 'Toa pesa', account: 'Angalia akaunti yako', terms: 'Soma masharti', signIn: 'Ingia', payments: 'Angalia malipo yako' },
  refused: 'Imekataliwa.',
  refusals,
  ownSentences: [],
};
