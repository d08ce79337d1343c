"""Pages of what is wanted, and the update that assigns: what the stores of several services share."""

from typing import Any

import pytest

from betsafi.dynamodb import Item, Page, Table, assign
from betsafi.errors import InvalidInput
from betsafi.graphql import page_limit


class Numbers(Table):
    """A table of the numbers from 0 on, of which a cursor is the next one."""

    def __init__(self, last: int) -> None:
        super().__init__("numbers")
        self.last, self.asked = last, list[int]()

    def query(self, pk: str, begins_with: str = "", **options: Any) -> Page:
        limit, first = options["limit"], int(options["cursor"] or 0)
        self.asked.append(limit)
        found = [{"n": n} for n in range(first, min(first + limit, self.last))]
        return Page(found, str(first + limit) if first + limit < self.last else None)


def even(item: Item) -> bool:
    return int(item["n"]) % 2 == 0


def test_a_page_is_filled_with_what_is_wanted_and_the_next_goes_on_where_it_ended() -> None:
    numbers = Numbers(17)
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(17):
        page = numbers.query_wanted("p", even, 4, cursor)
        seen += [item["n"] for item in page.items]
        assert len(page.items) == 4 or page.cursor is None
        if (cursor := page.cursor) is None:
            break
    assert seen == [0, 2, 4, 6, 8, 10, 12, 14, 16]


def test_the_work_of_one_page_is_bounded_and_an_empty_one_leads_on() -> None:
    numbers = Numbers(1_000)
    page = numbers.query_wanted("p", lambda item: False, 7, None)
    assert page == Page([], "70")
    assert numbers.asked == [7] * 10


def test_an_assignment_has_the_values_names() -> None:
    assert assign({"status": "ACTIVE", "at": "now"}) == "SET #status = :status, #at = :at"
    assert assign(["one"]) == "SET #one = :one"


@pytest.mark.parametrize(
    ("given", "limit"), [({}, 20), ({"limit": None}, 20), ({"limit": 1}, 1), ({"limit": 100}, 100)]
)
def test_a_page_has_twenty_items_or_as_many_as_asked_for(given: dict[str, Any], limit: int) -> None:
    assert page_limit(given) == limit


@pytest.mark.parametrize("given", [0, -1, 101, True, "5", 1.0])
def test_a_page_of_none_or_of_more_than_a_query_reads_is_refused(given: Any) -> None:
    with pytest.raises(InvalidInput):
        page_limit({"limit": given})
