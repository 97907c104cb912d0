"""A question is cancelled while it is being answered."""

import threading
import time

import pytest

from lib.sage100.cancelling import NoWatch, Watch, watching
from lib.sage100.errors import Failure, Sage100Error


class Cursor:
    def __init__(self):
        self.cancelled = threading.Event()

    def cancel(self):
        self.cancelled.set()


def test_a_wish_cancels_the_question_being_asked():
    wish, cursor = threading.Event(), Cursor()
    with watching(wish.is_set, pace=0.01) as watch:
        with watch.over(cursor):
            watch.check()
            wish.set()
            assert cursor.cancelled.wait(5)
            with pytest.raises(Sage100Error) as caught:
                watch.check()
    assert caught.value.code is Failure.CANCELLED


def test_nothing_is_cancelled_without_a_wish_nor_between_two_questions():
    cursor, wish = Cursor(), threading.Event()
    with watching(wish.is_set, pace=0.01) as watch:
        with watch.over(cursor):
            time.sleep(0.05)
            watch.check()
        wish.set()
        watch.join(5)
        assert watch.cancelled and not cursor.cancelled.is_set()
        with pytest.raises(Sage100Error), watch.over(cursor):
            pytest.fail("nothing more is asked")


def test_the_watch_ends_with_the_reading():
    with watching(lambda: False, pace=30) as watch:
        pass
    assert not watch.is_alive()


def test_a_driver_that_cannot_cancel_is_left_alone():
    class Broken:
        def cancel(self):
            raise RuntimeError("not supported")

    watch = Watch(lambda: True, pace=0.01)
    with watch.over(Broken()):
        watch.start()
        watch.join(5)
    assert watch.cancelled


def test_nobody_to_wish_anything():
    with watching(None) as watch, watch.over(Cursor()):
        watch.check()
    assert isinstance(watch, NoWatch)
