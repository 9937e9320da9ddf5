"""The formats that labels are exported in and imported from, a module each."""
