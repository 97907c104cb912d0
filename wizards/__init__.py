from . import followup_send_wizard
