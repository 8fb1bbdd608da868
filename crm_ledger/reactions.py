"""What acts by itself: ledger kind → functions above. One page; a test resolves every line.

A reaction runs in the transaction of the entry. What it writes may have a reaction too, and there it ends: nobody has
to look further than two lines of this table. One that takes many (ledger/dispatch.py) comes after the others.
"""

from governance.commands import delivery, erased_files
from governance.queries import holds
from governance.reactions import (
    confirm_capacity,
    free_capacity,
    free_revoked_capacity,
    keep_capacity,
    keep_holds,
    move_capacity,
    open_alerts,
    plan_milestones,
    soften_capacity,
)
from reporting.reactions import (
    forgo_revenue,
    hold_forecast,
    lower_broken,
    restate_missed,
    restate_revenue,
    schedule_revenue,
    unschedule_revenue,
)

REACTIONS = {
    "deal.advanced": (plan_milestones,),
    "booking.recorded": (plan_milestones, schedule_revenue, keep_capacity),
    "deal.opened": (keep_holds,),
    "deal.amended": (move_capacity, keep_holds, hold_forecast),
    "booking.reversed": (unschedule_revenue, soften_capacity),
    "deal.assigned": (move_capacity,),
    "deal.rebound": (plan_milestones, hold_forecast),
    "deal.returned": (unschedule_revenue, free_capacity, hold_forecast),
    "deal.lost": (forgo_revenue, free_capacity),
    "milestone.missed": (restate_missed, open_alerts, hold_forecast),
    "handshake.missed": (restate_missed, open_alerts, hold_forecast),
    "handshake.accepted": (restate_revenue,),
    "milestone.replanned": (restate_revenue, hold_forecast),
    "handshake.replanned": (restate_revenue, hold_forecast),
    "milestone.verified": (restate_revenue, confirm_capacity),
    "milestone.rejected": (hold_forecast,),
    "milestone.staled": (hold_forecast,),
    "milestone.expired": (hold_forecast,),
    "reservation.released": (hold_forecast,),
    "reservation.expired": (hold_forecast,),
    "deal.reopened": (keep_holds,),
    "hold.placed": (hold_forecast,),
    "break.found": (lower_broken,),
    "milestone.undone": (restate_revenue, hold_forecast),
    "milestone.revoked": (restate_revenue, free_revoked_capacity, hold_forecast),
}

# Kind → what its reaction looks at, asked with what is asked before the entry is written.
ASKED_AHEAD = {"deal.opened": holds.HOW_MANY_OF_ACCOUNT}

# Kind → topics: rows of the outbox, written with the entry and sent after commit.
AFTER_COMMIT = {
    "milestone.submitted": ("tell-verifiers",),
    "hold.placed": ("tell-owner",),
    "hold.released": ("tell-owner",),
    "milestone.rejected": ("tell-owner",),
    "milestone.undone": ("tell-owner",),
    "milestone.asked": ("tell-turn",),
    "milestone.answered": ("tell-turn",),
    "milestone.handed_over": ("tell-turn",),
    "milestone.revoked": ("tell-owner",),
    "milestone.replanned": ("tell-owner",),
    "handshake.replanned": ("tell-owner",),
    "booking.recorded": ("tell-owner",),
    "booking.reversed": ("tell-owner",),
    "period.closed": ("tell-left-open",),
    "erasure.done": (erased_files.TOPIC,),
    "erasure.repeated": (erased_files.TOPIC,),
}

# Topic → the function that a worker calls with the entry's id.
HANDLERS = {
    "tell-verifiers": delivery.tell_verifiers,
    "tell-owner": delivery.tell_owner,
    "tell-turn": delivery.tell_turn,
    "tell-left-open": delivery.tell_left_open,
    erased_files.TOPIC: erased_files.follow,
}
