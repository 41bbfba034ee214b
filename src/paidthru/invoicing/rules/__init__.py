"""What invoicing decides, without a database: totals, and the states of a document."""
