"""How a chain's record becomes transfers: one way to name each move, whether fetched or imported."""
