"""View modes: ways to show the pictures, such as large and compare."""
