"""Services that tell prices."""
