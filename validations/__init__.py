"""What must be true: named rules, Great Expectations suites, business keys."""
