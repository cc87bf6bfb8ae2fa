"""What a person reads of all that: text, tables, pictures for pages and reports."""
