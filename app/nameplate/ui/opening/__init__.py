"""Projects, pictures, drops and pastes that come into the window; the page to begin at."""
