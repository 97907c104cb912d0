"""The words of a follow-up plan and the reasons of a decision.

Codes are stored in databases: never rename one.
"""

from enum import StrEnum


class Phase(StrEnum):
    """The time of a plan. A notice is a reminder with a legal tone."""

    PREVENTION = "prevention"
    REMINDER = "reminder"
    NOTICE = "notice"
    THANKS = "thanks"


class Trigger(StrEnum):
    """The day a level's delay is counted from.

    ``END_OF_MONTH`` goes to the last day of the due date's month first, and counts the
    delay from there: "month end, then days" (trap 30), not "days, then month end".
    """

    BEFORE_DUE = "before_due"
    AFTER_DUE = "after_due"
    AFTER_PREVIOUS = "after_previous"
    AFTER_INVOICE = "after_invoice"
    END_OF_MONTH = "end_of_month"


class Grouping(StrEnum):
    """What one message gathers: the whole account, one level of it, one document."""

    CUSTOMER = "customer"
    LEVEL = "level"
    DOCUMENT = "document"


class CreditPolicy(StrEnum):
    """What a plan does with credit notes and payments not matched with an invoice.

    ``DEDUCT`` sets them against what is late, currency by currency. ``SHOW`` lists them
    and claims the debts whole; a customer who owes nothing net still gets nothing.
    """

    DEDUCT = "deduct"
    SHOW = "show"


class Mode(StrEnum):
    """Who lets a message go: the schedule, a person who confirms, a person who decides."""

    AUTOMATIC = "automatic"
    CONFIRM = "confirm"
    MANUAL = "manual"


class Reason(StrEnum):
    """Why a line or a customer is left out, or why a person must decide."""

    NOT_DUE = "not_due"
    BELOW_LINE_MINIMUM = "below_minimum"
    BELOW_THRESHOLD = "below_threshold"
    ABOVE_CEILING = "above_ceiling"
    CREDITS_COVER = "credits_cover"
    MINIMUM_INTERVAL = "minimum_interval"
    PREVIOUS_NOT_DONE = "previous_not_done"
    CUSTOMER_STOP = "customer_stop"
    LINE_STOP = "line_stop"
    NO_FOLLOWUP = "no_followup"
    DISPUTED = "disputed"
    GRACE = "grace"
    PROMISED = "promised"
    AUTOMATIC_PAYMENT = "automatic_payment"
    IN_PROCESS = "in_process"
    ACCOUNT_NOT_FOLLOWED = "account_not_followed"
    NOT_IN_PLAN = "not_in_plan"
    HANDED_OVER = "handed_over"
    PROCEEDINGS = "proceedings"
    PRESCRIBED = "prescribed"
    NO_ADDRESS = "no_address"
    NOT_AUTOMATIC = "not_automatic"
    MANUAL_LEVEL = "manual_level"
    NOT_SENDING_DAY = "not_sending_day"
    STALE = "stale"
    LAST_LEVEL_SENT = "last_level_sent"
    CREDIT = "credit"
    PAID = "paid"
