"""The SQD Portal: one service for many families of chains."""
