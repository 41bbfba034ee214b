"""No processor: money is recorded by staff as it comes (cash, check, transfer)."""
