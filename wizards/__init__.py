from . import followup_level_wizard
from . import followup_send_wizard
from . import followup_count_wizard
from . import followup_next_level_wizard
from . import followup_stop_wizard
from . import res_partner_merge
from . import followup_call_wizard
from . import followup_post_wizard
