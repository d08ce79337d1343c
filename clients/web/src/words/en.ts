const plural = (count: number, one: string, many: string): string => `${String(count)} ${count === 1 ? one : many}`;

/** Every word of the app, in English; `sw` has the same in Kiswahili. */
export const en = {
  skip: 'Skip to the content', home: 'BETSAFI, to the games', personal: 'You', main: 'Main', balance: 'Balance', back: 'Back',
  loading: 'Loading…', sending: 'One moment…', again: 'Try again', more: 'Show more', save: 'Save', saved: 'Saved.',
  freshCode: 'Code from the SMS', freshCodeHint: (phone: string) => `You signed in a while ago, so we sent a code to ${phone}. Enter it and try again.`,
  needed: 'This is needed.', amountWrong: 'An amount like 250 or 99.50.', signOut: 'Sign out', notFound: 'There is no such page.',
  offline: 'You are offline. What you see may be old; nothing is lost.',
  reconnecting: 'Connecting again… Balance and bets may be a moment behind.',
  adults: '18 and over. Betting can become a problem: set limits under Account.',
  unread: (count: number) => `Inbox, ${String(count)} unread`,
  minutes: (count: number) => plural(count, 'minute', 'minutes'),
  hours: (count: number) => (count % 168 === 0 ? plural(count / 168, 'week', 'weeks') : count > 24 ? plural(count / 24, 'day', 'days') : '24 hours'),
  months: (count: number) => (count === 0 ? 'for good' : count % 12 === 0 ? plural(count / 12, 'year', 'years') : plural(count, 'month', 'months')),
  versus: 'v', noMarkets: 'Nothing to bet on here right now.', marketGroups: 'Kinds of markets',
  tabs: { games: 'Games', search: 'Search', slip: 'Slip', bets: 'My bets', account: 'Account' },
  status: { SCHEDULED: 'Coming', LIVE: 'Live', ENDED: 'Ended', POSTPONED: 'Postponed', INTERRUPTED: 'Interrupted', ABANDONED: 'Abandoned', CANCELLED: 'Cancelled' },
  market: { OPEN: 'open', SUSPENDED: 'suspended', CLOSED: 'closed' },
  group: { MAIN: 'Main', GOALS: 'Goals', HANDICAP: 'Handicap', HALVES: 'Halves', COMBINED: 'Combined', SCORE: 'Score', CORNERS: 'Corners', CARDS: 'Cards' },
  lobby: {
    title: 'Games', all: 'All', today: 'Today', tomorrow: 'Tomorrow', days: 'Day', competition: 'Competition', everyCompetition: 'All competitions',
    popular: 'Popular', next: 'Coming up', none: 'No games here', noneHint: 'Choose another day or competition.',
  },
  search: {
    title: 'Search', label: 'Team, or booking code', hint: 'Type the first letters of a team.',
    none: (text: string) => `No team begins with “${text}”.`, code: (code: string) => `Load the slip ${code}`,
  },
  slip: {
    title: 'Slip', open: 'Open slip', empty: 'Your slip is empty', emptyHint: 'Tap odds to add them.', clear: 'Clear', kind: 'Kind of bet',
    kinds: { SINGLES: 'Singles', MULTI: 'Multi', SYSTEM: 'System' }, system: 'Legs in a line', ofAll: (k: number, all: number) => `${String(k)} of ${String(all)}`,
    systemHint: 'Choose how many legs win together, one size or several. A banker is in every line.', banker: 'Banker',
    policy: 'If odds move', policies: { NONE: 'Ask me again', HIGHER: 'Take better odds', ANY: 'Take all, but none below 90 %' },
    remove: (what: string) => `Remove ${what}`, stake: 'Stake', stakeEach: 'Stake for each bet', quick: 'Amounts to choose from',
    totalOdds: 'Total odds', totalStake: 'Total stake', estimate: 'Could pay', payout: 'Could pay', lines: (count: number) => `${plural(count, 'line', 'lines')}, each`,
    bonus: (percent: number) => `Bonus ${String(percent)} %`, taxes: 'Taxes', signIn: 'Sign in to place it', guest: 'Your slip stays as it is while you sign in.',
    place: (count: number) => (count > 1 ? `Place ${String(count)} bets` : 'Place bet'), placing: 'Placing…', takeOdds: 'Take the new odds',
    largest: (most: string) => `Stake ${most}`, instead: (both: string, odds: string) => `Bet on both together: ${both} at ${odds}`,
    leftOut: (count: number) => `${plural(count, 'selection is', 'selections are')} offered no more and left out.`, gone: 'Nothing of this slip is offered any more',
  },
  bets: { title: 'My bets', open: 'Open', decided: 'Decided', none: 'No open bets', noneDecided: 'Nothing decided yet' },
  bet: {
    single: 'Single', multi: (legs: number) => `Multi of ${String(legs)}`, system: (ks: string, legs: number, bankers: number) => `System ${ks} of ${String(legs)}${bankers ? ` + ${plural(bankers, 'banker', 'bankers')}` : ''}`,
    placed: 'Your bet is accepted.', placedAt: 'Placed', paid: 'Paid', receipt: 'Receipt', repeat: 'Bet again', share: 'Share',
    code: 'Booking code: who searches for it finds this slip.', copy: 'Copy the link', copied: 'Copied', cancel: 'Cancel bet', cancelSure: 'Cancel this bet and get the stake back?',
    status: { PENDING: 'Pending', ACCEPTED: 'Accepted', REJECTED: 'Rejected', CANCELLED: 'Cancelled', SETTLED: 'Settled', WON: 'Won', LOST: 'Lost', VOID: 'Void' },
    result: { WON: 'Won', LOST: 'Lost', VOID: 'Void', HALF_WON: 'Half won', HALF_LOST: 'Half lost' },
  },
  signIn: {
    short: 'Sign in', title: 'Sign in', join: 'Create account', first: 'Sign in to see this', lapsed: 'You have been signed out. Your slip is kept.', phone: 'Phone number', phoneHint: 'Safaricom, like 0712 345 678',
    phoneWrong: 'A Kenyan mobile number, like 0712 345 678.', birthdate: 'Date of birth', birthdateHint: 'You must be 18 or older.', birthdateWrong: 'Your date of birth is needed.',
    agree: 'I am 18 or older and accept the terms and the privacy notice.', agreeFirst: 'Please accept them to go on.', send: 'Send me a code', sms: 'A code comes by SMS. No password is needed.',
    code: 'Enter the code', codeHint: (phone: string) => `We sent six digits to ${phone}. They are good for five minutes.`, codeLabel: 'Code', codeWrong: 'The code has six digits.',
    codeAgain: (tries: string) => (tries ? `That was not it. ${plural(Number(tries), 'try', 'tries')} left.` : 'That was not it.'), go: 'Continue', other: 'Another number, or a new code',
    second: 'A new device', secondHint: 'This account is used on another device. Show that it is yours to use it here.', seconds: { PASSWORD: 'Password', DOCUMENT: 'Number of your document' },
  },
  account: {
    held: (sum: string) => `${sum} in open bets and withdrawals`, owed: (sum: string) => `${sum} owed after a corrected result`, stopped: 'Your account is stopped',
    deadline: (day: string) => `We decide by ${day}.`, said: 'You said', appeal: 'What do you say to it?', appealWrong: '10 to 1,000 characters.', sendAppeal: 'Send',
  },
  deposit: {
    title: 'Deposit', amount: 'Amount in shillings', hint: (phone: string) => `M-Pesa asks for your PIN on ${phone}.`, wrong: 'Whole shillings, like 500.', go: 'Ask M-Pesa', another: 'Another deposit',
    toSlip: 'Back to the slip', closed: 'Deposits are closed for the moment.', tax: 'Excise duty is taken from what you pay in.', paybill: 'Or pay by Pay Bill', business: 'Business number', account: 'Account number',
  },
  withdraw: {
    title: 'Withdraw', amount: 'Amount', hint: (phone: string) => `Goes to M-Pesa on ${phone}.`, go: 'Withdraw', closed: 'Withdrawals are closed for the moment.',
    tax: 'Withholding tax is taken; cents stay in the wallet.',
  },
  payments: {
    slow: 'This takes longer than usual. You need not wait here: it goes on by itself, and the inbox says how it ends.',
    title: 'Payments', one: 'Payment', phone: 'Phone number', none: 'No payments yet', amount: 'Amount', tax: 'Tax', credited: 'Credited', paid: 'Paid to M-Pesa', returned: 'Stays in the wallet', receipt: 'M-Pesa receipt', at: 'Asked for',
    kind: { DEPOSIT: 'Deposit', WITHDRAWAL: 'Withdrawal', REVERSAL: 'Reversal' },
    status: {
      REQUESTED: 'Starting', RECEIVED: 'Received', HELD: 'Held', REVIEW: 'In review', SUBMITTED: 'With M-Pesa', SUBMIT_UNKNOWN: 'Being checked', UNKNOWN: 'Being checked', DELAYED: 'Delayed',
      COMPLETED: 'Done', FAILED: 'Failed', REFUSED: 'Refused', SUSPENSE: 'Being assigned', RETURNING: 'Going back', RETURNED: 'Gone back', REVERSED: 'Reversed',
    },
  },
  statement: {
    title: 'Statement', none: 'No entries yet', download: 'CSV, 90 days', since: (day: string) => `Since ${day}`, staked: (bets: number) => `Staked on ${plural(bets, 'bet', 'bets')}`, won: 'Won', net: 'Result',
    deposited: 'Paid in', withdrawn: 'Paid out', taxes: 'Taxes', time: 'Time betting',
    kind: {
      DEPOSIT: 'Deposit', ASSIGNMENT: 'Payment assigned', BONUS: 'Bonus', ADJUSTMENT: 'Adjustment', HOLD: 'Set aside', RELEASE: 'Given back', SETTLEMENT: 'Bet decided', CASH_OUT: 'Cash-out',
      REOPENING: 'Bet reopened', PAYOUT: 'Paid out', REVERSAL: 'Reversal',
    },
  },
  inbox: { title: 'Inbox', none: 'No messages yet' },
  terms: {
    title: 'Terms and privacy', due: 'New terms', versions: (terms: string, privacy: string) => `Terms of ${terms}, privacy notice of ${privacy}. Bets are taken once you accept them.`, accept: 'Accept both',
    terms: 'Terms', privacy: 'Privacy notice', accepted: 'Accepted',
  },
  devices: {
    title: 'Devices', text: 'Where you are signed in. A device that is signed out needs a second factor to come back.', here: 'This device', out: 'Signed out', last: (at: string) => `Last sign-in ${at}`, signOut: 'Sign out',
    everywhere: 'Sign out everywhere', sure: 'Sign out on every device, this one too?',
  },
  identity: {
    title: 'Identity', text: 'A document raises what you may deposit, bet and withdraw in a day. Nobody is ever shown what you enter.', kind: 'Document', number: 'Number', firstName: 'First name', lastName: 'Last name', go: 'Send',
    kinds: { NATIONAL_ID: 'National ID', PASSPORT: 'Passport', ALIEN_ID: 'Alien ID' },
    state: { UNVERIFIED: 'Not verified yet', PENDING: 'The register is being asked…', VERIFIED: 'Verified', REJECTED: 'Not verified' },
    reason: { DETAILS_DIFFER: 'The register knows this document with another name or date of birth.', DOCUMENT_UNKNOWN: 'The register does not know this document.', DOCUMENT_TAKEN: 'Another account has this document. Please contact us.' },
    deposit: 'Deposits a day', bet: 'Stakes a day', withdraw: 'Withdrawals a day', noLimit: 'No limit by it',
  },
  contact: {
    title: 'Phone and e-mail', phone: 'Phone number', newPhone: 'New number', newPhoneHint: 'Both numbers get a code. The new one signs in and is paid from then on.', sendCodes: 'Send the codes',
    codeOf: (at: string) => `Code sent to ${at}`, change: 'Change number', cancel: 'Leave it', email: 'E-mail', noEmail: 'None. You do not need one.', newEmail: 'E-mail address', emailWrong: 'An address like amina@example.com.',
    emailSent: (at: string) => `We sent six digits to ${at}.`, confirm: 'Confirm', removeEmail: 'Remove the address',
  },
  settings: {
    title: 'Settings', language: 'Language', name: 'Name', nameLabel: 'What we call you', password: 'Password', passwordLabel: 'New password', passwordHint: 'For new devices. 10 to 99 characters, within ten minutes of a sign-in.',
    passwordWrong: '10 to 99 characters.', messages: 'Messages', messagesText: 'All of them are in the inbox too.', offers: 'Send me offers',
    category: { BETS: 'Bets', MONEY: 'Money', SECURITY: 'Security', LAW: 'Law', OFFERS: 'Offers', REMINDERS: 'Reminders' }, channel: { INBOX: 'Inbox alone', PUSH: 'Push', SMS: 'SMS', EMAIL: 'E-mail' },
  },
  protection: {
    title: 'Limits and breaks', text: 'What is tighter holds at once. What is looser waits a day and is then yours to confirm.', limits: 'Your limits', noLimits: 'None set.', set: 'Set a limit', which: 'Limit', amount: 'Amount',
    amountHint: 'Empty takes the limit away, a day later.', left: (sum: string) => `${sum} left`, window: (at: string) => `until ${at}`, none: 'no limit', looser: (limit: string, sum: string) => `${limit}: ${sum}`,
    from: (at: string) => `To confirm from ${at}`, confirm: 'Confirm',
    limit: {
      STAKE_BET: 'Stake a bet', STAKE_DAY: 'Stakes a day', STAKE_WEEK: 'Stakes a week', STAKE_MONTH: 'Stakes a month', LOSS_DAY: 'Losses a day', LOSS_WEEK: 'Losses a week', LOSS_MONTH: 'Losses a month',
      DEPOSIT_DAY: 'Deposits a day', DEPOSIT_WEEK: 'Deposits a week', DEPOSIT_MONTH: 'Deposits a month',
    },
    stop: { TIME_OUT: 'You are on a break', EXCLUSION: 'You are excluded', REGISTER: 'You are on the exclusion register' }, until: (at: string) => `Until ${at}.`, ends: (at: string) => `It ends ${at}.`,
    forGood: 'It does not end by itself.', stillWithdraw: 'You can withdraw your money at any time. Open bets stay.', end: 'Ask for its end', howLong: 'How long',
    timeOut: 'Take a break', timeOutText: 'No bets and no deposits until it is over. It cannot be shortened.', takeTimeOut: 'Take a break', timeOutSure: (time: string) => `A break of ${time}: no bets and no deposits. It cannot be shortened. Begin now?`,
    exclusion: 'Exclude yourself', exclusionText: 'No bets and no deposits for months, or for good. It cannot be undone.', exclude: 'Exclude me', excludeSure: (time: string) => `Exclude yourself (${time})? It cannot be undone.`,
    help: 'If betting harms you or yours, take a break here and talk to somebody you trust.',
  },
  reality: {
    title: 'Reality check', text: (minutes: string, staked: string, net: string) => `You have been betting for ${minutes} minutes: ${staked} staked, result ${net}.`, stop: 'Stop here', go: 'Go on',
    now: (time: string, staked: string, net: string) => `This session: ${time}, ${staked} staked, result ${net}.`, every: 'Remind me every',
  },
  laptop: { phone: 'Open the phone (laptop): the PIN is 1234', inbox: 'Open the SMS (laptop)' },
  next: { deposit: 'Deposit', identity: 'Show a document', limits: 'See your limits', withdraw: 'Withdraw', account: 'See your account', terms: 'Read the terms', signIn: 'Sign in', payments: 'See your payments' },
  refused: 'This was refused.',
  /** What is not refused by the API, or not in its words, by the code. */
  refusals: {
    OFFLINE: 'BETSAFI could not be reached. Check your connection and try again.',
    APP_FAILED: 'Something went wrong in the app. Load it again.',
    INTERNAL_ERROR: 'Something went wrong on our side. Try again in a moment.',
    NotAuthorizedException: 'That did not work. Ask for a new code and try again.',
    LimitExceededException: 'That was tried too often. Wait a while, then try again.',
    TooManyRequestsException: 'That was tried too often. Wait a while, then try again.',
    Unauthorized: 'Sign in to do this.',
    UnauthorizedException: 'You are signed out. Sign in again.',
  },
};

export type Words = typeof en;
