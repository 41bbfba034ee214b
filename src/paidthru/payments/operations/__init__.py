"""Write steps of the payments room, inside somebody's transaction: a file for money in, one each for what follows."""

from paidthru.payments.operations.money_in import (
    ACCOUNT_OF,
    Money,
    Placed,
    book,
    book_all,
    look_now,
    place,
    place_all,
    use_credit,
)

__all__ = [
    "ACCOUNT_OF",
    "Money",
    "Placed",
    "book",
    "book_all",
    "look_now",
    "place",
    "place_all",
    "use_credit",
]
