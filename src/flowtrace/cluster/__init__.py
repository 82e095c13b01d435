"""Same-owner findings minus vetoes into clusters, with the provenance of every union."""

from flowtrace.cluster.constrained import clusters

__all__ = ["clusters"]
