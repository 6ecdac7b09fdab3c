"""How a request travels: sessions, rate, retries, pages, and what a run remembers of the answers."""
