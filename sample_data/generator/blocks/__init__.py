"""Parts of a printed invoice: heads, reference blocks, item tables, totals, feet. A layout picks one of each."""
