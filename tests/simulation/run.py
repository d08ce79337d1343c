"""One run: people do their steps while things go wrong; then faults stop, all settles, the laws are checked."""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from tests.simulation import laws
from tests.simulation.actors import People
from tests.simulation.apps import Apps
from tests.simulation.book import Book
from tests.simulation.defects import planted
from tests.simulation.dynamodb import Change
from tests.simulation.faults import Plan
from tests.simulation.laws import LawBroken, Watch
from tests.simulation.messages import Messages
from tests.simulation.protected import Protected
from tests.simulation.services import Services
from tests.simulation.world import World

_DAY_SECONDS = 86_400
_ROUNDS = 8
_LAST_SECONDS = 120
"""How long things still go wrong after the last step."""


@dataclass
class Result:
    """What a run came to. `law` is None when every law held; `schedule` is kept for failures only."""

    plan: Plan
    law: str | None = None
    message: str = ""
    digest: int = 0
    steps: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    fault_count: int = 0
    fault_numbers: tuple[int, ...] = ()
    calls: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    known: frozenset[str] = frozenset()
    caught_up: int = 0
    """How many apps that were cut off found all that they missed."""
    schedule: list[str] = field(default_factory=list)


def run(plan: Plan, services: Services, defect: str | None = None) -> Result:
    """Run a plan, perhaps on a product with a planted defect; the same plan always comes to the same.

    Raises for a fault of the simulation's own.
    """
    with planted(defect, services):
        return _run(plan, services)


def _run(plan: Plan, services: Services) -> Result:
    result = Result(plan)
    watch: Watch | None = None
    messages: Messages | None = None
    book: Book | None = None
    protected: Protected | None = None
    apps: Apps | None = None

    def watching(changes: list[Change]) -> None:
        assert watch is not None
        assert messages is not None
        assert book is not None
        assert protected is not None
        assert apps is not None
        try:
            watch(changes)
            book(changes)
            messages(changes)
            protected(changes)
            apps(changes)
        except LawBroken as broken:
            world.scheduler.fail(broken)

    world = World(plan, services, watching)
    watch, book, messages, protected = Watch(world), Book(world), Messages(world), Protected(world)
    apps = Apps(world)
    world.publishing = partial(apps.publish, services.modules["frontend.appsync"])
    people = People(world)
    try:
        _live(world, people)
        _settle(world, people)
        laws.after_the_dust(world, people, watch)
        book.in_the_end(people, watch)
        messages.in_the_end()
        protected.in_the_end()
        result.caught_up = apps.in_the_end() if world.has_apps else 0
        before = laws.snapshot(world)
        _replay(world)
        laws.unchanged(before, laws.snapshot(world))
    except LawBroken as broken:
        result.law, result.message = broken.law, str(broken)
        result.schedule = world.schedule.lines()
    finally:
        world.close()
    result.digest, result.steps = world.schedule.digest, world.scheduler.steps
    result.faults, result.calls = world.faults.counts, world.calls
    result.fault_count = world.faults.drawn
    result.fault_numbers = tuple(number for number, _, _ in world.faults.happened)
    result.known = frozenset(watch.known)
    result.outcomes = _outcomes(world)
    return result


def _live(world: World, people: People) -> None:
    world.faults.active = False
    people.begin()
    world.scheduler.run(10)
    people.pay_in()
    world.scheduler.run(20)
    world.faults.active = True
    steps = world.plan.steps

    def step(number: int) -> None:
        if number == steps:
            world.scheduler.end_within(_LAST_SECONDS)
            return
        pause = people.step(number)
        world.scheduler.after(pause, lambda: step(number + 1))

    world.scheduler.after(0, lambda: step(0))
    world.scheduler.run(_DAY_SECONDS)


def _settle(world: World, people: People) -> None:
    """Stop the faults and let everything go on until nothing moves; operators redrive, traders insist, people decide.

    A round is a day, and each begins with a pull: M-Pesa tells what is not older than two. What is void by its
    competition's rules is so after the third look at late games, and the fourth finds nothing more to do.
    """
    world.faults.active = False
    world.note("the dust settles")
    for number in range(_ROUNDS):
        insisted = people.insist()
        redriven = sum(queue.redrive() for queue in world.queues.values())
        redriven += world.republish()
        world.by_the_clock()
        waited = people.finish()
        world.scheduler.run(_DAY_SECONDS)
        idle = not redriven and not waited and not insisted and world.scheduler.next_due is None
        if number >= 3 and idle:
            return


def _replay(world: World) -> None:
    """Deliver every stream record once more, and every message that came another way."""
    world.note("everything is replayed")
    for stream in world.streams.values():
        stream.replay()
    for name in ("payment/callbacks", "payment/followUps", "bet/followup", "bet/settlement"):
        for body in list(world.queues[name].ever):
            world.queues[name].send(body)
    for _ in range(_ROUNDS):
        world.scheduler.run(_DAY_SECONDS)
        if not sum(queue.redrive() for queue in world.queues.values()) and world.scheduler.next_due is None:
            return


def _outcomes(world: World) -> Counter[str]:
    found: Counter[str] = Counter()
    for wire in world.database.items("bet-table"):
        if wire["sk"]["S"].startswith("BET#"):
            found["bet " + wire["status"]["S"]] += 1
    for wire in world.database.items("payment-table"):
        if wire["sk"]["S"] == "PAYMENT":
            found[f"{wire['kind']['S'].lower()} {wire['status']['S']}"] += 1
    return found
