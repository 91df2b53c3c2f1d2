"""What a thing is: domain types, lifecycle, errors, settings, document types and process definitions."""
