"""Documents as PDF/A-3b, by typst: the templates, the fonts, and the invoice as data inside (Factur-X)."""
