"""The parts of `nameplate evaluate`: what is evaluated, what is printed, what is written."""
