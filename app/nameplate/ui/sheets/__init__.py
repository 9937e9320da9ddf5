"""Sheets: pages of pictures that are suggested as one name, checked at once."""
