"""What protocols of bridges say themselves of a transaction: where the chain at the other end is."""
