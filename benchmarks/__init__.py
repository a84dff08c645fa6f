"""The commands, and what they leave: comparisons, films, tables, figures and the report."""
