"""The portal: pages for members. For now those behind a secret link: save a way to pay, confirm a payment.

No card number is ever typed here: the processor's own page takes it (C-15, design.md §7).
"""
