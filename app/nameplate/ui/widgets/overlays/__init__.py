"""What lies over the window for a while: panels, lists to find an entry in, remarks at a box."""
