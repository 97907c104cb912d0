import unittest
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lib.contact_hours import next_contact_time
from lib.working_days import Region, public_holidays

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1))


class TestContactHours(unittest.TestCase):
    def test_table(self):
        for moment, expected in (
            ("2026-11-20 07:59", "2026-11-20 08:00"),
            ("2026-11-20 08:00", "2026-11-20 08:00"),
            ("2026-11-20 19:59", "2026-11-20 19:59"),
            ("2026-11-20 20:00", "2026-11-21 08:00"),
            ("2026-11-21 12:00", "2026-11-21 12:00"),
            ("2026-11-22 12:00", "2026-11-23 08:00"),
            ("2026-11-21 23:00", "2026-11-23 08:00"),
            ("2026-07-14 09:00", "2026-07-15 08:00"),
            ("2027-05-01 09:00", "2027-05-03 08:00"),
        ):
            with self.subTest(moment=moment):
                found = next_contact_time(datetime.fromisoformat(moment))
                self.assertEqual(found, datetime.fromisoformat(expected))

    @given(MOMENTS, st.sampled_from(Region))
    def test_always_at_a_decent_hour(self, moment, region):
        found = next_contact_time(moment, region)
        self.assertGreaterEqual(found, moment)
        self.assertLess(found - moment, timedelta(days=5))
        self.assertTrue(time(8) <= found.time() < time(20))
        self.assertNotEqual(found.weekday(), 6)
        self.assertNotIn(found.date(), public_holidays(found.year, region))

    @given(MOMENTS)
    def test_once_free_it_stays(self, moment):
        found = next_contact_time(moment)
        self.assertEqual(next_contact_time(found), found)

    def test_easter(self):
        self.assertEqual(next_contact_time(datetime(2026, 4, 4, 21)).date(), date(2026, 4, 7))
