"""Objects in the stores: names, decryption, restore, and the stage-by-stage oracle."""
