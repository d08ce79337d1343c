# long: every sentence of the service, those for players twice
"""The sentences of this service: for players in both languages, for traders in English. No I/O."""

from collections.abc import Iterable, Mapping, Sequence

from betsafi.languages import Both
from betsafi.money import format_amount

# -- a slip

MARKET_TWICE = Both(
    "A market may be on a slip only once.",
    "Soko moja linaweza kuwa kwenye mkeka mara moja tu.",
)
UNKNOWN_POLICY = Both(
    "oddsPolicy is NONE, HIGHER or ANY.",
    "oddsPolicy ni NONE, HIGHER au ANY.",
)
KEY_REUSED = Both(
    "This clientRequestId was used for another bet.",
    "Namba hii ya ombi (clientRequestId) ilitumika kwa mkeka mwingine.",
)
UNKNOWN_SELECTION = Both(
    "This selection does not exist.",
    "Chaguo hili halipo.",
)
SAME_EVENT = Both(
    "Two selections of one game cannot be combined.",
    "Chaguo mbili za mchezo mmoja haziwezi kuunganishwa.",
)
TOGETHER = Both(
    "Two selections of one game cannot be combined. There is a selection that says both, at a price of its own.",
    "Chaguo mbili za mchezo mmoja haziwezi kuunganishwa. Kuna chaguo moja linalosema yote mawili, kwa odds zake.",
)
BETTING_CLOSED = Both(
    "Betting on this game is closed.",
    "Ubashiri wa mchezo huu umefungwa.",
)
SUSPENDED = Both(
    "This market is suspended. Please try again in a moment.",
    "Soko hili limesimamishwa kwa muda. Tafadhali jaribu tena baada ya muda mfupi.",
)
BETTING_SUSPENDED = Both(
    "No bets are taken at the moment. Your open bets stay as they are. Please try again later.",
    "Kwa sasa hatupokei mikeka. Mikeka yako iliyo wazi inabaki kama ilivyo. Tafadhali jaribu tena baadaye.",
)
ODDS_CHANGED = Both(
    "The odds have changed. Look at the new odds and place the bet again.",
    "Odds zimebadilika. Angalia odds mpya na uweke mkeka tena.",
)
NO_ROOM = Both(
    "This bet could win more than is taken on one of its selections. Choose a smaller stake.",
    "Mkeka huu ungeweza kushinda zaidi ya kinachopokelewa kwenye moja ya chaguo zake. Chagua dau dogo zaidi.",
)
GREAT_DEMAND = Both(
    "This selection is in great demand. Please try again, or with a smaller stake.",
    "Chaguo hili linatakwa na wengi. Tafadhali jaribu tena, au kwa dau dogo zaidi.",
)
TIMED_OUT = Both(
    "The bet could not be accepted in time. Please try again.",
    "Mkeka haukukubaliwa kwa wakati. Tafadhali jaribu tena.",
)


def legs(most: int) -> Both:
    """How many selections a bet has."""
    return Both(
        f"A bet has 1 to {most} selections.",
        f"Mkeka una chaguo 1 hadi {most}.",
    )


def smallest_stake(cents: int) -> Both:
    """What a stake is at least."""
    return Both(
        f"The smallest stake is KES {cents // 100}.",
        f"Dau dogo kabisa ni KES {cents // 100}.",
    )


def largest_stake(cents: int) -> Both:
    """What a stake is at most."""
    return Both(
        f"The largest stake is KES {cents // 100:,}.",
        f"Dau kubwa kabisa ni KES {cents // 100:,}.",
    )


def largest_payout(cents: int) -> Both:
    """What a bet pays at most."""
    return Both(
        f"One bet pays at most KES {cents // 100:,}. Choose a smaller stake.",
        f"Mkeka mmoja unalipa hadi KES {cents // 100:,}. Chagua dau dogo zaidi.",
    )


def most_legs(most: int) -> Both:
    """How many legs a bet has at most."""
    return Both(
        f"A bet has at most {most} legs.",
        f"Mkeka una chaguo {most} kwa wingi.",
    )


def largest_odds(most: int) -> Both:
    """What the odds of a bet are at most."""
    return Both(
        f"The odds of one bet are together at most {most:,}.",
        f"Odds za mkeka mmoja kwa pamoja ni {most:,} kwa wingi.",
    )


PAYOUT_LIMITS = {
    "day": Both(
        "With your other bets of that day this could pay more than is paid for one day. Choose a smaller stake.",
        "Pamoja na mikeka yako mingine ya siku hiyo huu ungelipa zaidi ya kiwango cha siku. Chagua dau dogo zaidi.",
    ),
    "same": Both(
        "With your equal bets this could pay more than is paid on one bet. Choose a smaller stake.",
        "Pamoja na mikeka yako inayofanana huu ungelipa zaidi ya kinacholipwa kwa mkeka mmoja. Chagua dau dogo zaidi.",
    ),
}
"""By what the account counts together; the wallet says the same."""

# -- a system

ONE_SYSTEM = Both(
    "system has one of k, ks and kind, and perhaps bankers.",
    "system ina moja ya k, ks na kind, na pengine bankers.",
)

BANKER_TWICE = Both(
    "A leg is a banker only once.",
    "Chaguo moja linaweza kuwa banker mara moja tu.",
)
ASCENDING = Both(
    "The ks of a system ascend, each once.",
    "ks za mfumo hupanda, kila moja mara moja.",
)


def numbers(field: str, most: int) -> Both:
    """How many numbers a list has."""
    return Both(f"{field} has 1 to {most} numbers, or is null.", f"{field} ina namba 1 hadi {most}, au ni null.")


def unknown_system(kinds: Iterable[str]) -> Both:
    """Which systems have names."""
    return Both(
        f"A system's name is one of {', '.join(kinds)}.",
        f"Jina la mfumo ni moja ya {', '.join(kinds)}.",
    )


def legs_of_a_kind(kind: str, wanted: int, legs: int) -> Both:
    """How many legs a named system has."""
    return Both(
        f"{kind} has {wanted} legs that are no bankers; this slip has {legs}.",
        f"{kind} ina chaguo {wanted} ambazo si banker; mkeka huu una {legs}.",
    )


def no_such_banker(legs: int) -> Both:
    """Which legs can be bankers."""
    return Both(
        f"A banker is a leg of the slip, by its position from 0 to {legs - 1}.",
        f"Banker ni chaguo la mkeka, kwa nafasi yake kuanzia 0 hadi {legs - 1}.",
    )


def k_of(k: int, legs: int) -> Both:
    """Which K a system can have."""
    return Both(
        f"A line cannot have {k} legs beside the bankers: the slip has {legs} that are no bankers.",
        f"Mstari hauwezi kuwa na chaguo {k} mbali na banker: mkeka una {legs} ambazo si banker.",
    )


def too_many_lines(lines: int, most: int) -> Both:
    """How many lines a slip has at most."""
    return Both(
        f"This system has {lines:,} lines; a slip has at most {most:,}. Choose fewer legs, or more bankers.",
        f"Mfumo huu una mistari {lines:,}; mkeka una {most:,} kwa wingi. Punguza chaguo, au ongeza banker.",
    )


def line_stake(lines: int, least_cents: int) -> Both:
    """What each line's share of the stake is at least."""
    least, needed = format_amount(least_cents), format_amount(lines * least_cents)
    return Both(
        f"The smallest stake per line is KES {least}: {lines:,} lines need KES {needed}.",
        f"Dau dogo kabisa kwa mstari ni KES {least}: mistari {lines:,} inahitaji KES {needed}.",
    )


# -- a slip that is shared

BOOKING_CODE = Both(
    "A booking code has eight letters and digits, none of them 0, O, 1, I, L or U.",
    "Namba ya mkeka ina herufi na tarakimu nane, bila 0, O, 1, I, L wala U.",
)
NO_SHARED_SLIP = Both(
    "There is no such booking code, or its games have begun.",
    "Hakuna namba ya mkeka kama hii, au michezo yake imeanza.",
)
NO_CODE = Both(
    "No code was free. Please change the slip, or try again later.",
    "Hakuna namba iliyo wazi. Tafadhali badilisha mkeka, au jaribu tena baadaye.",
)

# -- results

DEAD_HEAT = Both(
    'A deadHeat is the places over those who share them, such as "1/3", at most 1.',
    'deadHeat ni nafasi juu ya wanaozigawana, kama "1/3", 1 kwa wingi.',
)

# -- a bet

NO_BET = Both(
    "There is no such bet.",
    "Hakuna mkeka kama huu.",
)
NOT_OPEN = Both(
    "Only an open bet can be cancelled.",
    "Ni mkeka ulio wazi tu unaoweza kughairiwa.",
)
HAD_A_RESULT = Both(
    "This bet had a result that was taken back; it stands.",
    "Mkeka huu ulikuwa na matokeo yaliyoondolewa; unaendelea.",
)
GAME_BEGUN = Both(
    "The game has begun; the bet stands.",
    "Mchezo umeanza; mkeka unaendelea.",
)
NOT_CANCELLED = Both(
    "The market is busy. Nothing was changed; please try again.",
    "Kuna shughuli nyingi kwenye soko hili. Hakuna kilichobadilika; tafadhali jaribu tena.",
)


def grace_is_over(seconds: int) -> Both:
    """How long a bet could be cancelled."""
    return Both(
        f"A bet can be cancelled for {seconds // 60} minutes; this one stands.",
        f"Mkeka unaweza kughairiwa ndani ya dakika {seconds // 60}; huu unaendelea.",
    )


# -- fixtures and markets

NO_FIXTURE = Both(
    "There is no such fixture.",
    "Hakuna mchezo kama huu.",
)
TOO_SHORT_TO_SEARCH = Both(
    "Search for two letters or digits, or more.",
    "Tafuta kwa herufi au tarakimu mbili au zaidi.",
)
ONE_LIST = Both(
    "A competition's fixtures are listed from now on; a country, a day or a status is of a sport's.",
    "Michezo ya shindano huorodheshwa kuanzia sasa; countryId, day au status ni ya michezo ya sport.",
)


def markets_by_ids(most: int) -> Both:
    """How many markets are asked for at once."""
    return Both(f"ids names 1 to {most} markets.", f"ids inataja masoko 1 hadi {most}.")


NO_COMPETITION = Both(
    "There is no such competition.",
    "Hakuna shindano kama hili.",
)
NO_MARKET = Both(
    "There is no such market.",
    "Hakuna soko kama hili.",
)
NO_RESULT = "This market has no result."

# -- what traders ask for

ONE_TEAM = "A game has two teams."
OTHER_SPORT = "The teams do not play the sport of this competition."
NOT_MOVED = "Only a game that has not begun can be moved; one that did not begin in time is POSTPONED first."
NOT_POPULAR = "Only a game that has not begun is made popular."
FIXTURE_BUSY = "The fixture is being changed. Please try again."
UNKNOWN_TIER = "tier is SMALL, STANDARD or POPULAR."
FIXTURE_TAKEN = "There is another fixture or market with this id."
UNKNOWN_RESULT = "A result is WON, LOST, VOID, HALF_WON or HALF_LOST."
RESULT_TWICE = "Of the results, each outcomeId has one."
NO_RESULTS = "Give results of one outcome or more."
DEAD_HEAT_WINS = "Only what is WON can share its place (deadHeat)."
SIDES_MIRROR = "One side of this market wins what the other loses: WON and LOST, HALF_WON and HALF_LOST, or both VOID."
WON_OR_LOST = "The results of this market are WON and LOST, or all are VOID."
MARKET_TAKEN = "There is another market of this kind with these specifiers."
STATUS_TO_SET = "A market's status is OPEN or SUSPENDED; settleMarket closes it."
STATUS_TO_REOPEN = "A market is reopened as OPEN or SUSPENDED, or stays closed."
MARKET_CLOSED = Both(
    "This market is closed.",
    "Soko hili limefungwa.",
)
MARKET_BEGUN = "The game has begun; this market takes no more bets."
STAYS_CLOSED = "The game has begun, so the market stays closed; its result can still be taken back."
MARKET_BUSY = Both(
    "The market is busy. Please try again.",
    "Kuna shughuli nyingi kwenye soko hili. Tafadhali jaribu tena.",
)
WINDOW_ENDS_FIRST = "A window begins before it ends, and before now."
WINDOW_ENDS_LATER = "A window has ended, or it has no end: then it closes the market."
CANCELLED_ON = "Bets on this market are cancelled without an end. Take that back first (rollbackCancel)."
NOT_BEGUN = "The game has not begun. Give it the status LIVE first, or move its start."
RELEASED_BY_ANOTHER = "Who holds results does not release them. Somebody else must do it."
NOT_ON_THE_BET = "marketId is the market of one of the bet's legs."
NOT_LIVE = "This bet was rejected or cancelled; there is nothing to decide."
ONE_SUBJECT = "Give marketId or fixtureId, one of them."
HAS_A_BET = "Who decides this has a bet on this market. Another trader must decide it."


def market_moved(seen: int, now: int) -> str:
    """That a market has another version than its new odds were made for."""
    return f"These odds were made for version {seen} of the market; it has version {now} now. Look at it again."


def most_windows(most: int) -> str:
    """How many windows can stand at once."""
    return f"At most {most} windows stand at once. Cancel a longer one, or take one back."


def most_main_markets(most: int) -> str:
    """How many markets a list shows of a fixture."""
    return f"A fixture has at most {most} main markets; add others with main: false."


def markets_at_once(most: int) -> str:
    """How many markets are added at once."""
    return f"Add 1 to {most} markets at once."


def below_margin(markets: Sequence[Mapping[str, str]]) -> str:
    """Whose odds leave too small a margin."""
    books = ", ".join(f"{market['marketId']} to {market['book']} %" for market in markets)
    return f"100 / odds, added up, come for {books}; they must come to {markets[0]['least']} % or more."


def most_popular(most: int) -> str:
    """How many fixtures are popular."""
    return f"At most {most} games of a sport are popular. Take another one out first."


def no_team(team_id: str) -> str:
    """That a team is unknown."""
    return f"There is no team {team_id}."


def names_by_language(field: str) -> str:
    """How a name is given."""
    return f"{field} has a name in English (en) and perhaps one in Kiswahili (sw)."


def unknown_sport(field: str, known: Sequence[str]) -> Both:
    """Which sports there are."""
    return Both(f"{field} is one of {', '.join(known)}.", f"{field} ni moja ya {', '.join(known)}.")


def rules(field: str, most: int) -> str:
    """How a competition's rules are given."""
    return f"{field} is a list of at most {most} rules, each from another day on."


def fixture_id(field: str, longest: int) -> str:
    """How long a fixture's id is."""
    return f"{field} has at most {longest} characters."


def fixture_status(known: Sequence[str]) -> Both:
    """Which statuses a fixture can have."""
    others = ", ".join(known[:-1])
    return Both(f"A fixture's status is {others} or {known[-1]}.", f"status ya mchezo ni {others} au {known[-1]}.")


def cannot_become(now: str, wanted: str) -> str:
    """That a status cannot follow another."""
    return f"A game that is {now} cannot become {wanted}."


def winners(counts: Sequence[int]) -> str:
    """How many outcomes win."""
    return f"Of this market's outcomes {' or '.join(map(str, counts))} can be WON, or all are VOID."


def each_once(what: str, keys: Sequence[str]) -> str:
    """That odds, or results, are given for every selection."""
    return f"Give {what} for {', '.join(keys[:-1])} and {keys[-1]}, each once."


# -- kinds of markets

NO_KIND = Both(
    "There is no kind of market with this definitionId.",
    "Hakuna aina ya soko yenye definitionId hii.",
)
NO_OUTCOME = Both(
    "This market has no outcome with this outcomeId.",
    "Soko hili halina tokeo lenye outcomeId hii.",
)
SPECIFIER_TWICE = Both(
    "The specifiers are given once each, as name=value.",
    "specifiers hutajwa mara moja kila moja, kama jina=thamani.",
)
_FORMS = {
    "quarter": Both(
        "a line from 0.25 to 99.75 in steps of 0.25",
        "mstari kuanzia 0.25 hadi 99.75 kwa hatua za 0.25",
    ),
    "half": Both(
        "a line from 0.5 to 99.5 between two whole numbers",
        "mstari kuanzia 0.5 hadi 99.5 kati ya namba nzima mbili",
    ),
    "handicap": Both(
        "a handicap from -99.75 to 99.75 in steps of 0.25",
        "handicap kuanzia -99.75 hadi 99.75 kwa hatua za 0.25",
    ),
    "count": Both("a whole number from 1 to 99", "namba nzima kuanzia 1 hadi 99"),
    "score": Both("a score such as 1:0", "matokeo kama 1:0"),
}


def specifiers_known(names: Sequence[str]) -> Both:
    """Which specifiers a market has."""
    if not names:
        return Both("This market has no specifiers.", "Soko hili halina specifiers.")
    known = ", ".join(names)
    return Both(f"This market's specifiers are {known}.", f"specifiers za soko hili ni {known}.")


def specifier_form(name: str, form: str) -> Both:
    """What a specifier is."""
    return Both(f"{name} is {_FORMS[form]} (specifiers).", f"{name} ni {_FORMS[form].sw} (specifiers).")


# -- a match record

LEVEL_PENALTIES = "Penalties that have ended are not level."


def record_fields(names: Sequence[str]) -> str:
    """What a match record is made of."""
    return f"A match record has ended and goals, perhaps {', '.join(names[2:])}, and nothing else."


def ended_periods(periods: Sequence[str]) -> str:
    """Which periods may have ended."""
    return f"ended is a list of the periods that have ended, in this order: {', '.join(periods)}."


def list_of(name: str, most: int) -> str:
    """How many entries a list has."""
    return f"{name} is a list of at most {most}."


def entry_fields(place: str, names: Sequence[str]) -> str:
    """What a goal, a corner or a card is made of."""
    return f"{place} has {', '.join(names)} and nothing else."


def one_of(name: str, choices: Sequence[str]) -> str:
    """What a field may be."""
    return f"{name} is {', '.join(choices[:-1])} or {choices[-1]}."


def home_and_away(name: str) -> str:
    """What a score is made of."""
    return f"{name} has home and away."


def score_periods(periods: Sequence[str]) -> str:
    """For what a score can be given."""
    return f"score has some of {', '.join(periods)}."


def not_begun(place: str, period: str) -> str:
    """That something is said of a period before the one before it has ended."""
    return f"{place} is in {period}, which has not begun: what was before has not ended."


def out_of_order(place: str) -> str:
    """That something came before what stands above it."""
    return f"{place} came earlier than the one before it. Give them in the order in which they came."


def score_differs(period: str, said: Sequence[int], goals: Sequence[int]) -> str:
    """That goals and score say two things."""
    return f"score is {said[0]}:{said[1]} for {period}, the goals are {goals[0]}:{goals[1]}."


# -- what came of a trader's decision

STANDS = "This is how the market stands."
DECIDED = "It is decided. The bets follow in a moment."
MARKETS_FOLLOW = "It is decided. The markets of the game and their bets follow in a moment."
BET_STANDS = "This is what was decided of the bet."
BET_FOLLOWS = "It is decided. The bet follows in a moment."
HELD = "Results wait until somebody else releases them."
RELEASED = "Results wait no more. The bets follow in a moment."
PROPOSED_BEFORE = "Nothing has changed yet: a second trader must say the same."
TOO_EARLY = "The game cannot be over yet"
ONE_BET = "It is about one player's bet"
MUCH_WAS_PAID = "This changes a result by which much was paid"
BETS_AGAIN = "This market would take bets again"


def proposed(why: str) -> str:
    """Why a decision takes a second trader."""
    return f"Nothing has changed yet. {why}: a second trader must say the same."
