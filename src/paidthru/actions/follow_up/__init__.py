"""Follow up: cases are opened for what is unpaid, the steps that are due are done, and what is over is closed.

`follow_up` is the verb; `finding.py` asks what there is to follow up, `trying.py` whether anything is still tried,
`telling.py` writes the mails.
"""

from paidthru.actions.follow_up.doing import follow_up
from paidthru.actions.follow_up.finding import next_missed
from paidthru.actions.follow_up.trying import Tries, tries_of

__all__ = ["Tries", "follow_up", "next_missed", "tries_of"]
