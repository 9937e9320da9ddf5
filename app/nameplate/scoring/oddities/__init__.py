"""What deserves another look: decisions and images that the rest speaks against."""
