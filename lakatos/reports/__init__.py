"""Views of the records: report.json, junit.xml and index.html, all written from the same data."""
