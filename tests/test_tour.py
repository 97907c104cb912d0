from datetime import timedelta
from io import BytesIO

from pypdf import PdfReader

from odoo.tests import tagged

from .common import FollowupCommon
from .common_browser import BrowserCase
from .common_smtp import SmtpMixin


class TourCommon(BrowserCase, FollowupCommon):
    """A few customers on their way to a letter, an e-mail, nothing."""

    @classmethod
    @FollowupCommon.setup_country("fr")
    @FollowupCommon.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        today = cls.company._followup_today()
        cls.TODAY = today
        cls.user = cls._user("user", lang="fr_FR", name="Marie Lefèvre")
        cls.company.write(
            {"name": "Ateliers Vaucanson", "followup_user_id": cls.user.id}
        )
        cls.customer.lang = "fr_FR"
        garage = cls._customer("Garage Perrin", zip="35000", city="Rennes")
        cls.late = cls._entry(2480.5, days_late=48, ref="FA-2026-0412")
        cls._entry(612, days_late=12, ref="FA-2026-0466")
        cls.late.write(
            {
                "followup_level_id": cls.levels[2].id,
                "followup_date": today - timedelta(days=15),
            }
        )
        cls._entry(1290, days_late=9, partner=garage, ref="FA-2026-0470")
        email_less = cls._customer("Atelier Nomade", email=False)
        cls._entry(340, days_late=20, partner=email_less, ref="FA-2026-0455")


@tagged("post_install", "-at_install", "followup_tour", "odoo_runner")
class TestTour(SmtpMixin, TourCommon):
    """The story of a morning, in a real browser."""

    def test_story(self):
        self.start_tour("/odoo", "followup_story", login=self.user.login, timeout=120)
        run = self.env["followup.run"].search([("company_id", "=", self.company.id)])
        letter = run.reminder_ids.filtered(lambda r: r.channel == "letter")
        self.assertEqual(letter.state, "sent")
        self.assertEqual(self.late.followup_level_id, self.levels[3])
        email = run.reminder_ids.filtered(lambda r: r.channel == "email")
        self.assertEqual(email.state, "sent")
        self.assertEqual(len(self.sink.received), 1)
        text = "".join(
            page.extract_text()
            for page in PdfReader(BytesIO(run.letters_attachment_id.raw)).pages
        )
        self.assertIn("FA-2026-0412", text)
        self.assertIn("FA-2026-0466", text)


@tagged("post_install", "-at_install", "followup_tour")
class TestTourMobile(TourCommon):
    """The same screens on a phone, 375 px wide."""

    browser_size = "375x667"
    touch_enabled = True

    def test_mobile(self):
        self._run(user=self.user)
        self.start_tour(
            "/odoo/followup-situations",
            "followup_mobile",
            login=self.user.login,
            timeout=90,
        )
