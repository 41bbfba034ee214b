"""The console's views, by room. A view reads the request, calls one action or query, and fills a page's dataclass."""
