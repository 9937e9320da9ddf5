"""How many labels of a set are right at least, from random checks: bounds, plans, samples."""
