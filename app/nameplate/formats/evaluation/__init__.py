"""The report on how right labels are: a web page, and the same figures as JSON."""
