"""Promises that so many labels are right: what is promised, its checks, and its certificate."""
