"""What fills the databases, and the fingerprint that compares two of them."""
