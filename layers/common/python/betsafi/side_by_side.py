"""Questions that need none of each other's answers, asked at the same time."""

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import Any


def ask(*questions: Callable[[], Any]) -> list[Future[Any]]:
    """Ask each question in a thread of its own; return, in their order, what has its answer or raises its error.

    All have ended by then, so that none goes on in a function that is frozen after its answer.
    """
    asked: list[Future[Any]] = [Future() for _ in questions]
    threads = [
        Thread(target=copy_context().run, args=(_answer, future, question))
        for future, question in zip(asked, questions, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return asked


def _answer(future: Future[Any], question: Callable[[], Any]) -> None:
    try:
        future.set_result(question())
    except BaseException as error:  # noqa: BLE001  it is raised where the answer is taken
        future.set_exception(error)
