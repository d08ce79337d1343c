"""Each rule of the house finds what it is for, and lets pass what only looks like it."""

import re
from pathlib import Path, PurePosixPath

import pytest

from betsafi.dynamodb import Table
from tools.lint_house import __main__ as house
from tools.lint_house.exceptions import EXCEPTIONS, Exempt
from tools.lint_house.rules import RULES, TABLE_METHODS

HANDLER = "wallet/wallet/handlers/api.py"
STORE = "wallet/wallet/stores/holds.py"
TEST = "tests/integration/bet/test_placing.py"
TOOL = "tools/redrive.py"

FOUND = [
    ("table-access", HANDLER, 'client("dynamodb").get_item(TableName="t", Key={})'),
    ("table-access", HANDLER, 'boto3.resource("dynamodb")'),
    ("table-access", HANDLER, 'table = Table("wallet")'),
    ("table-access", HANDLER, "item = table.get(key)"),
    ("table-access", HANDLER, "store.table.transact(put)"),
    ("table-access", "layers/common/python/betsafi/people.py", "table.write(update)"),
    ("table-access", "casino/casino/spins.py", "table.write(update)"),
    ("players-items", STORE, "def f(bet_id): return table.get((f'USER#{bet_id}', 'BET'))"),
    ("players-items", STORE, "def f(user_id): return f'USER#1{user_id}'"),
    ("players-items", STORE, "def f(user_id): return f'TRAIL#USER#{pk}'"),
    ("players-items", STORE, "def f(user_id): return 'PLAYER#' + user_id"),
    ("players-items", STORE, "def f(): return table.query_all('USER#')"),
    ("players-items", STORE, "def f(pk): return table.query(pk, limit=10)"),
    ("players-items", STORE, "def f(): return table.query(_account()[0])"),
    ("players-items", STORE, "def f(wanted): return table.query_wanted(wanted.pk, wanted.fits, 10, None)"),
    ("players-items", STORE, "def f(): return client('dynamodb').scan(TableName=name)"),
    ("players-items", STORE, "def f(): yield from table.scan()"),
    ("money", HANDLER, "half = stake_cents / 2"),
    ("money", HANDLER, "share = payout * bp / 10_000"),
    ("money", HANDLER, "share = sum(leg['payout_cents'] for leg in legs) / max(1, bet.stake)"),
    ("money", HANDLER, "amount /= 2"),
    ("money", HANDLER, "tax = 0.05 * bet['stake_cents']"),
    ("money", HANDLER, "stake += 0.5"),
    ("money", HANDLER, "shown = float(account.balance)"),
    ("money", HANDLER, "shown = float(max(0, held_amount))"),
    ("money", HANDLER, "def take(amount: float) -> None: ..."),
    ("money", HANDLER, "def payout(bet: Item) -> float | None: ..."),
    ("money", HANDLER, "class Bet:\n    stake_cents: float"),
    ("money", HANDLER, "take(amount=1.5)"),
    ("money", HANDLER, "stake = 10.0"),
    ("money", "localcloud/daraja/books.py", "half = amount / 2"),
    ("money", TOOL, "print(f'{one.cents / 100:.2f}')"),
    ("bus", HANDLER, "client('events').put_events(Entries=entries)"),
    ("bus", TOOL, "events.put_events(Entries=[entry])"),
    ("printing", HANDLER, "print(account)"),
    ("printing", "layers/common/python/betsafi/clock.py", "print('now')"),
    ("sleeping", TEST, "time.sleep(1)"),
    ("sleeping", TEST, "async def f(): await asyncio.sleep(0.1)"),
    ("sleeping", TEST, "from time import monotonic, sleep"),
    ("sleeping", TEST, "threading.Timer(1, time.sleep)"),
    ("cursor-loop", STORE, "while True:\n    page = read(cursor=at)\n    at = page.last"),
    ("cursor-loop", STORE, "while token:\n    token = ask(token).get('NextToken')"),
    ("cursor-loop", TOOL, "while 'LastEvaluatedKey' in answer:\n    answer = scan()"),
    ("cursor-loop", TEST, "for _ in itertools.count():\n    cursor = read(cursor)"),
    ("swallowed", HANDLER, "try: f()\nexcept Exception: pass"),
    ("swallowed", HANDLER, "try: f()\nexcept Exception as error: return None"),
    ("swallowed", HANDLER, "try: f()\nexcept (KeyError, Exception): return"),
    ("swallowed", TOOL, "try: f()\nexcept: x = 1"),
    ("swallowed", TEST, "try: f()\nexcept BaseException: count('Failed')"),
    ("swallowed", HANDLER, "with contextlib.suppress(Exception): f()"),
    ("long-function", HANDLER, "def f():\n" + 60 * "    g()\n"),
    ("long-function", "localcloud/daraja/app.py", "class A:\n    async def f(self):\n" + 60 * "        g()\n"),
    ("long-function", TOOL, "def f():\n    # long:\n" + 60 * "    g()\n"),
    ("long-function", TOOL, "def f():\n    g()\n    # long: too late to say so\n" + 60 * "    g()\n"),
    ("long-function", TOOL, "def f():\n    # long: once upon a time\n    g()\n"),
    ("long-file", HANDLER, 401 * "\n"),
    ("long-file", TOOL, 400 * "\n" + "# long: a catalogue of sentences\n"),
    ("long-file", TOOL, "# long: a catalogue of sentences\n"),
]

PASSED = [
    ("table-access", STORE, "item = table.get(key)"),
    ("table-access", "wallet/wallet/table.py", "table = Table(settings.table_name)"),
    ("table-access", "users/users/stores/people.py", "table.put_new(item)"),
    ("table-access", "layers/common/python/betsafi/dynamodb.py", "client('dynamodb').get_item()"),
    ("table-access", HANDLER, "was_done(store.table, act)"),
    ("table-access", HANDLER, "settings.get('table'), dictionary.get(table), tables.get('bet'), client('sqs')"),
    ("table-access", TOOL, "boto3.client('dynamodb').describe_table(TableName=name)"),
    ("players-items", STORE, "def f(user_id): return table.get((f'USER#{user_id}', f'BET#{bet_id}'))"),
    ("players-items", STORE, "def f(leg): return f'USER#{leg[\"user_id\"]}', f'PLAYER#{caller.user_id}'"),
    ("players-items", STORE, "def f(pk): return pk.startswith('USER#')"),
    ("players-items", STORE, '"""Below `USER#<id>`: the account."""'),
    ("players-items", STORE, "def f(user_id): return table.query(_account(user_id)[0], limit=10)"),
    ("players-items", STORE, "def f(user_id): return table.query_wanted(_inbox(user_id), fits, 10, None)"),
    ("players-items", STORE, "def f(): return table.query('SCHEDULE', index='by_owner')"),
    ("players-items", STORE, "def f(): return table.query(SCHEDULE, index='by_owner')"),
    ("players-items", STORE, "def f(queue): return table.query(queue, index='by_queue')"),
    ("players-items", STORE, "@handler.query(name)\ndef f(): ..."),
    ("players-items", HANDLER, "upkeep.scan(place, has_time)"),
    ("players-items", TOOL, "reading.scan(client, 'USER#')"),
    ("money", HANDLER, "half = stake_cents // 2"),
    ("money", HANDLER, "half = Fraction(stake_cents) / 2"),
    ("money", HANDLER, "shown = Decimal(cents) / 100"),
    ("money", HANDLER, "def take(amount: int, odds: float) -> Fraction: ..."),
    ("money", HANDLER, "seconds = float(text) / len(payouts_seen)"),
    ("money", HANDLER, "file = folder / 'amount'"),
    ("money", HANDLER, "wait(stake_cents, seconds=0.5)"),
    ("money", HANDLER, "balance_version = 1.5"),
    ("money", TEST, "assert shown == cents / 100"),
    ("bus", "layers/common/python/betsafi/outbox.py", "client('events').put_events(Entries=entries)"),
    ("bus", HANDLER, "queue.put(events)"),
    ("bus", "tests/e2e/conftest.py", "aws('events').put_events(Entries=entries)"),
    ("printing", HANDLER, "logger.info('account', print=1); report.print()"),
    ("printing", TOOL, "print(account)"),
    ("printing", "localcloud/seed.py", "print(account)"),
    ("sleeping", TEST, "world.scheduler.sleep(30 * SECOND)"),
    ("sleeping", TEST, "wait_for(lambda: store.find(key), 'the bet')"),
    ("sleeping", "tools/base/waiting.py", "time.sleep(every)"),
    ("cursor-loop", STORE, "for _ in range(10):\n    cursor = read(cursor)"),
    ("cursor-loop", STORE, "while True:  # until the last page: a market has few\n    cursor = read(cursor)"),
    ("cursor-loop", STORE, "while waiting:\n    waiting.pop()"),
    ("cursor-loop", STORE, "for page in pages:\n    seen.append(page.cursor)"),
    ("swallowed", HANDLER, "try: f()\nexcept Exception: raise Refused() from None"),
    ("swallowed", HANDLER, "try: f()\nexcept Exception: return False"),
    ("swallowed", HANDLER, "try: f()\nexcept Exception: logger.exception('message failed')"),
    ("swallowed", HANDLER, "try: f()\nexcept Exception as error: feed.fail(error)"),
    ("swallowed", HANDLER, "try: f()\nexcept KeyError: pass"),
    ("swallowed", HANDLER, "with suppress(ConditionFailed): f()"),
    ("long-function", HANDLER, "@decorated\ndef f():\n" + 59 * "    g()\n"),
    ("long-function", TEST, "def f():\n" + 60 * "    g()\n"),
    ("long-function", TOOL, "def f():\n    # long: a table is made in one go\n" + 60 * "    g()\n"),
    ("long-file", HANDLER, 400 * "\n"),
    ("long-file", TEST, 401 * "\n"),
    ("long-file", TOOL, "# long: a catalogue of sentences\n" + 400 * "\n"),
]


def broken(path: str, source: str) -> set[str]:
    return {finding.rule for finding in house.lint(PurePosixPath(path), source)}


@pytest.mark.parametrize(("rule", "path", "source"), FOUND)
def test_a_rule_finds_what_it_is_for(rule: str, path: str, source: str) -> None:
    assert rule in broken(path, source)


@pytest.mark.parametrize(("rule", "path", "source"), PASSED)
def test_a_rule_lets_pass_what_only_looks_like_it(rule: str, path: str, source: str) -> None:
    assert rule not in broken(path, source)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_every_rule_is_shown_to_find_and_to_let_pass_and_stands_in_the_table(rule: str) -> None:
    assert rule in {name for name, *_ in FOUND}
    assert rule in {name for name, *_ in PASSED}
    assert f"| `{rule}` |" in (house.ROOT / "CONTRIBUTING.md").read_text()


def test_the_rule_of_tables_knows_all_that_a_table_can_do() -> None:
    assert {name for name in vars(Table) if not name.startswith("_")} == TABLE_METHODS


def test_a_finding_names_its_place_its_rule_and_what_to_do() -> None:
    (problem,) = house.judge(house.lint(PurePosixPath(HANDLER), "def f():\n    print(1)\n"), [])
    assert problem == f"{HANDLER}:2: printing: log with betsafi.telemetry.logger, or count"


SOURCE = "class Books:\n    def show(self):\n        print(1)\n\ndef show():\n    print(2)\n"


def test_an_exception_covers_one_rule_in_one_function() -> None:
    found = house.lint(PurePosixPath(HANDLER), SOURCE)
    for path in (HANDLER, "handlers/api.py", "api.py", "wallet/wallet"):
        problems = house.judge(found, [Exempt("printing", path, "Books.show", "a reason")])
        assert problems == [str(finding) for finding in found if finding.line == 6]
    assert house.judge(found, [Exempt("printing", "api.py", "Books.show show", "a reason")]) == []
    for exempt in (
        Exempt("money", "api.py", "Books.show show", "a reason"),
        Exempt("printing", "pi.py", "Books.show show", "a reason"),
        Exempt("printing", "bet/bet", "Books.show show", "a reason"),
    ):
        assert set(map(str, found)) <= set(house.judge(found, [exempt]))


def test_an_exception_may_cover_a_file_or_a_folder_as_a_whole() -> None:
    found = [finding for path in (HANDLER, STORE) for finding in house.lint(PurePosixPath(path), SOURCE)]
    assert house.judge(found, [Exempt("printing", "wallet/wallet", "*", "a reason")]) == []
    problems = house.judge(found, [Exempt("printing", "handlers/api.py", "*", "a reason")])
    assert problems == [str(finding) for finding in found if str(finding.path) == STORE]


@pytest.mark.parametrize(
    ("exempt", "says"),
    [
        (Exempt("printing", "wallet/wallet", "gone", "a reason"), "nothing is found there any more"),
        (Exempt("bus", "wallet/wallet", "show", "a reason"), "nothing is found there any more"),
        (Exempt("printing", "wallet", "show", "a reason"), "2 files have such a function"),
        (Exempt("bus", "wallet", "*", "a reason"), "nothing is found there any more"),
        (Exempt("printing", "handlers/api.py", "show", " "), "say why"),
    ],
)
def test_an_exception_that_is_stale_too_wide_or_without_a_reason_fails(exempt: Exempt, says: str) -> None:
    paths = (HANDLER, "wallet/wallet/by_hand.py")
    found = [finding for path in paths for finding in house.lint(PurePosixPath(path), "def show():\n    print(1)\n")]
    everything_else = (
        Exempt("printing", "by_hand.py", "show", "a reason"),
        Exempt("printing", HANDLER, "show", "a reason"),
    )
    (problem,) = house.judge(found, [exempt, *everything_else])
    assert re.match(rf"tools/lint_house/exceptions\.py:\d+: {exempt.rule}: {exempt.path}::", problem)
    assert says in problem


def test_an_exception_names_a_rule_that_there_is() -> None:
    assert {exempt.rule for exempt in EXCEPTIONS} <= {rule.name for rule in RULES}


def test_the_lint_reads_what_is_ours_and_nothing_that_is_installed_or_built(tmp_path: Path) -> None:
    for name in ("bet/bet/a.py", "bet/node_modules/b.py", ".venv/c.py", "build/d.py", "bet/e.txt", "f.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert {str(path.relative_to(tmp_path)) for path in house.files(tmp_path)} == {"bet/bet/a.py", "f.py"}
