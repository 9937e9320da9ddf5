"""What `nameplate benchmark` does: its own collection, the measurements, and what they come to."""
