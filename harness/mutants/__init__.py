"""Who gates the gate: defects put into a copy of the module, or of the gate, that a named test must notice."""
