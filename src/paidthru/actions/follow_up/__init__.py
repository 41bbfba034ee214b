"""Follow up: cases are opened for what is unpaid, the steps that are due are done, and what is over is closed.

`follow_up` is the verb; `finding.py` asks what there is to follow up, `trying.py` whether anything is still tried,
`telling.py` writes the mails.
"""

from paidthru.actions.follow_up.doing import follow_up
from paidthru.actions.follow_up.finding import next_missed

__all__ = ["follow_up", "next_missed"]
