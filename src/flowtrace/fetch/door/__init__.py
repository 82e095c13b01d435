"""The one door to the network, and what stands behind it. No source sees it: it asks, and does not fetch."""
