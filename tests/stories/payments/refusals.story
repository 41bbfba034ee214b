story: Money is not put where it does not belong
shows: I-58 C-16

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, next renewal 2026-02-01
member Bob

2026-01-20
  Ann pays invoice 1 by card -> refused invoice_unknown
  staff marks Ann cycle paid by cash -> refused invoice_paid
  staff marks Bob cycle paid by cash -> refused not_a_member

2026-02-01
  = invoice 1 sent 100.00
  Ann pays invoice 1 -> refused no_payment_method
  Bob pays invoice 1 by card -> refused invoice_unknown       # it is Ann's
  Ann pays 90.00 EUR by check for invoice 1 -> refused currency_mismatch
  staff marks Ann cycle paid by check 40.00
  = invoice 1 sent 100.00 balance 60.00
  staff marks Ann cycle paid by cash
  = invoice 1 paid 100.00
  = Ann is Active
  = payment 2 60.00 succeeded
  = no attempts Ann
