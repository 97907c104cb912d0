from . import followup_level_wizard
from . import followup_send_wizard
