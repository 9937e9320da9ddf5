"""A promise about labels, kept by checks of random ones: begun, checked, applied, made smaller.

Each function returns a change, or what there is to know, and changes nothing itself. The labels
and the model are frozen when a promise begins; what is checked never chooses among them.
"""
