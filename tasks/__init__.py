"""The steps, by machine or by hand. Plain functions over a desk; they take and return ids; each transaction is short."""
