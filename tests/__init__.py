from . import test_followup_letter
from . import test_followup_run
from . import test_followup_situation
from . import test_sage100_access
from . import test_sage100_connection
from . import test_sage100_import
from . import test_security
from . import test_tour
