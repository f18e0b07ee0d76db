"""What fills the databases, and the fingerprint that tells two databases apart."""
