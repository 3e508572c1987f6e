"""What is installed: versioned directories and flat installs, and the catalogue of a site directory."""
