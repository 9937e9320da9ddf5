"""The report of an evaluation: a web page, and the labels that were judged."""
