"""One S3 store: a moto process with TLS, a request journal and a fault plan."""
