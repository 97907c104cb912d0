from . import test_followup_run
from . import test_followup_situation
from . import test_security
